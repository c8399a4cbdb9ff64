package alert

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/memory"

	"tidemark/rule"
	"tidemark/table"
)

// fields are a row of a table by column: string, bool, int64, float64,
// time.Time, or nil.
type fields map[string]any

// part makes rows of a built-in table.
func part(name string, rows []fields) table.Part {
	schema, ok := table.Builtin(name)
	if !ok {
		panic("BUG: no built-in table " + name)
	}
	b := array.NewRecordBuilder(memory.DefaultAllocator, schema.Arrow())
	defer b.Release()
	for _, row := range rows {
		row["Type"] = name
		for i, c := range schema.Columns() {
			appendValue(b.Field(i), c, row[c.Name])
		}
		for name := range row {
			if schema.Index(name) < 0 {
				panic("BUG: no column " + name)
			}
		}
	}
	return table.Part{Table: name, Rows: b.NewRecord()}
}

func appendValue(b array.Builder, c table.Column, v any) {
	switch v := v.(type) {
	case nil:
		if s, ok := b.(*array.StringBuilder); ok && c.Type == table.String {
			s.Append("")
			return
		}
		b.AppendNull()
	case string:
		b.(*array.StringBuilder).Append(v)
	case bool:
		b.(*array.BooleanBuilder).Append(v)
	case int64:
		b.(*array.Int64Builder).Append(v)
	case float64:
		b.(*array.Float64Builder).Append(v)
	case time.Time:
		if v.IsZero() {
			b.AppendNull()
			return
		}
		b.(*array.Int64Builder).Append(int64(table.FromGo(v)))
	default:
		panic(fmt.Sprintf("BUG: a %T in column %s", v, c.Name))
	}
}

// jsonText is a value of a dynamic column.
func jsonText(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic("BUG: " + err.Error())
	}
	return string(b)
}

// criteria are what column Criteria holds.
type criteria struct {
	TimeAggregation     string   `json:"timeAggregation"`
	MetricMeasureColumn string   `json:"metricMeasureColumn,omitempty"`
	Operator            string   `json:"operator"`
	Threshold           float64  `json:"threshold"`
	Dimensions          []string `json:"dimensions,omitempty"`
	WindowSize          string   `json:"windowSize"`
	Periods             int      `json:"numberOfEvaluationPeriods"`
	Least               int      `json:"minFailingPeriodsToAlert"`
	Text                string   `json:"text"`
}

// alertRow is an event as a row of Alerts.
func alertRow(e *rule.Event) fields {
	m := &e.Measure
	c := criteria{TimeAggregation: m.Aggregation, MetricMeasureColumn: m.Column, Operator: m.Operator, Threshold: m.Threshold,
		WindowSize: rule.FormatISO(m.Bin), Periods: m.Periods, Least: m.MinFailing, Text: m.String()}
	for _, d := range m.Dimensions {
		c.Dimensions = append(c.Dimensions, d.Name)
	}
	row := fields{
		"TimeGenerated": e.At(), "AlertId": e.AlertID, "Event": string(e.Condition), "AlertName": e.Title, "Severity": e.Severity.String(),
		"Computer": e.Computer, "RuleId": e.RuleID, "RuleName": e.RuleName, "RuleVersion": e.RuleVersion, "Description": e.Description,
		"Dimensions": jsonText(rule.Object(e.Dimensions)), "Entities": jsonText(entities(e)), "CustomDetails": jsonText(rule.Object(e.CustomDetails)),
		"Tactics": strings.Join(e.Tactics, ","), "Techniques": strings.Join(e.Techniques, ","), "Criteria": jsonText(c), "MetricValue": e.Value,
		"Query": e.Query, "Tick": e.Tick.Now, "WindowStart": e.Tick.From, "WindowEnd": e.Tick.Now, "AsOf": e.Tick.AsOf, "ArrivedAfter": e.Tick.After,
		"RowCount": e.RowCount, "Late": e.Late, "Reason": e.Reason,
	}
	if e.Muted {
		row["Reason"] = "muted"
	}
	if len(e.Rows) > 0 {
		row["Rows"] = rowsText(e)
	}
	return row
}

func entities(e *rule.Event) []map[string]string {
	out := []map[string]string{}
	for _, x := range e.Entities {
		m := rule.Object(x.Fields)
		m["Type"] = x.Type
		out = append(out, m)
	}
	return out
}

// rowsText is the rows of an event as an array of objects, columns in order
// and empty ones left out.
func rowsText(e *rule.Event) string {
	var b strings.Builder
	b.WriteByte('[')
	for i, row := range e.Rows {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteByte('{')
		first := true
		for c, v := range row {
			if v == nil || v == "" {
				continue
			}
			if !first {
				b.WriteByte(',')
			}
			first = false
			b.WriteString(jsonText(e.Columns[c]) + ":" + jsonText(v))
		}
		b.WriteByte('}')
	}
	b.WriteByte(']')
	return b.String()
}

// Statuses of RuleHealth.
const (
	statusSuccess       = "Success"
	statusFailure       = "Failure"
	statusRecovered     = "Recovered"
	statusSkipped       = "Skipped"
	statusLimited       = "Limited"
	statusChanged       = "Changed"
	statusStarted       = "Started"
	statusUndeliverable = "Undeliverable"
)

// healthRow begins a row of RuleHealth.
func healthRow(at time.Time, r *rule.Rule, status, description string) fields {
	row := fields{"TimeGenerated": at, "Status": status, "Description": description}
	if r != nil {
		row["RuleId"], row["RuleName"] = r.ID, r.Name
	}
	return row
}
