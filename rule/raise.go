package rule

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"tidemark/table"
)

// raise is an alert in the making.
type raise struct {
	group  *Group
	rows   []row
	count  int64
	key    string
	prints []uint64
}

func itoa64(n uint64) string { return strconv.FormatUint(n, 16) }

// event is an alert of the rule without any rows.
func (r *Rule) event(t Tick, at time.Time, key string) *Event {
	return &Event{
		AlertID:   identifier("alert", r.ID, key, t.Now.UTC().Format(time.RFC3339Nano), t.AsOf.UTC().Format(time.RFC3339Nano)),
		Condition: Fired, Number: 1,
		RuleID: r.ID, RuleName: r.Name, RuleVersion: r.Version, Title: r.Subject(), Description: r.Description, Severity: r.Severity,
		Tactics: r.Tactics, Techniques: r.Techniques, Fired: at, Stateful: r.AutoMitigate,
		Query: r.Query, Measure: r.Measure, Tick: t, Frequency: r.Frequency, Period: r.Period,
		Properties: slices.Clone(r.Properties), Actions: r.Actions,
	}
}

// alert makes the event of one alert.
func (r *Rule) alert(out *Outcome, now Tick, late bool, c *raise) *Event {
	e := r.event(out.Tick, now.AsOf, c.key)
	e.Late = late
	e.Value, e.RowCount = c.group.Value, c.count
	for i, d := range r.Measure.Dimensions {
		e.Dimensions = append(e.Dimensions, Pair{d.Name, c.group.Dimensions[i]})
	}
	e.setRows(out.Columns, c.rows)
	r.describe(e, out.Columns, c.rows)
	return e
}

// summary makes the event that stands for alerts beyond the caps.
func (r *Rule) summary(out *Outcome, now Tick, late bool, rest []*raise) *Event {
	e := r.event(out.Tick, now.AsOf, "summary")
	e.Late, e.Summary = late, true
	e.Stateful = false
	e.Value = float64(len(rest))
	var rows []row
	for _, c := range rest {
		e.RowCount += c.count
		if len(rows) < maxEventRows {
			rows = append(rows, c.rows...)
		}
	}
	e.Title = fmt.Sprintf("%s: %d more alerts", r.Subject(), len(rest))
	e.setRows(out.Columns, rows)
	return e
}

// describe takes title, entities and details from the first row.
func (r *Rule) describe(e *Event, cols []table.Column, rows []row) {
	value := func(column string) (string, bool) {
		if len(rows) > 0 {
			for i, c := range cols {
				if c.Name == column {
					return Text(rows[0].values[i]), true
				}
			}
		}
		for _, d := range e.Dimensions {
			if d.Name == column {
				return d.Value, true
			}
		}
		return "", false
	}
	if f := r.Override.Name; f != "" {
		e.Title = firstLines(fill(f, value), 256)
	}
	if f := r.Override.Description; f != "" {
		e.Description = firstLines(fill(f, value), 5000)
	}
	if v, ok := value(r.Override.SeverityColumn); ok {
		if s, err := ParseSeverity(v); err == nil {
			e.Severity = s
		}
	}
	if v, ok := value(r.Override.TacticsColumn); ok && v != "" {
		e.Tactics = strings.FieldsFunc(v, func(c rune) bool { return strings.ContainsRune(`,;[]" `, c) })
	}
	for _, p := range r.Override.Properties {
		if v, ok := value(p.Value); ok {
			e.Properties = append(e.Properties, Pair{p.Name, v})
		}
	}
	for _, p := range r.CustomDetails {
		if v, ok := value(p.Value); ok {
			e.CustomDetails = append(e.CustomDetails, Pair{p.Name, v})
		}
	}
	for _, m := range r.Entities {
		x := EntityValue{Type: m.Type}
		for _, f := range m.Fields {
			if v, ok := value(f.Value); ok && v != "" {
				x.Fields = append(x.Fields, Pair{f.Name, v})
			}
		}
		if len(x.Fields) > 0 {
			e.Entities = append(e.Entities, x)
		}
	}
	e.Computer = computerOf(e, value)
}

// computerOf is the machine that an alert is about: a dimension, an entity, or
// what all its rows have in common.
func computerOf(e *Event, value func(string) (string, bool)) string {
	for _, name := range []string{"Computer", "_ResourceId", "ResourceId", "Resource"} {
		for _, d := range e.Dimensions {
			if d.Name == name {
				return d.Value
			}
		}
	}
	for _, x := range e.Entities {
		if strings.EqualFold(x.Type, "Host") {
			return x.Fields[0].Value
		}
	}
	i := slices.Index(e.Columns, "Computer")
	if i < 0 || len(e.Rows) == 0 || e.RowCount > int64(len(e.Rows)) {
		return ""
	}
	first, _ := value("Computer")
	for _, row := range e.Rows {
		if s, _ := row[i].(string); s != first {
			return ""
		}
	}
	return first
}

// setRows keeps the first rows, as values of JSON.
func (e *Event) setRows(cols []table.Column, rows []row) {
	for _, c := range cols {
		e.Columns = append(e.Columns, c.Name)
		e.Types = append(e.Types, c.Type.String())
	}
	size := 0
	for _, r := range rows[:min(len(rows), maxEventRows)] {
		out := make([]any, len(r.values))
		for i, v := range r.values {
			out[i] = plain(v, cols[i].Type)
		}
		b, err := json.Marshal(out)
		if err != nil {
			panic("BUG: " + err.Error())
		}
		if size += len(b); size > maxRowBytes {
			return
		}
		e.Rows = append(e.Rows, out)
	}
}

// plain is a value of a row as a value of JSON.
func plain(v any, t table.Type) any {
	switch v := v.(type) {
	case nil, bool, int64:
		return v
	case float64:
		if v-v != 0 { // NaN and the infinities are no numbers of JSON
			return table.FormatReal(v)
		}
		return v
	case string:
		if t == table.Dynamic && json.Valid([]byte(v)) {
			return json.RawMessage(v)
		}
		return strings.ToValidUTF8(v, "\ufffd")
	}
	return Text(v)
}

// Notice is an alert about the running of rules and of no rule.
func Notice(at time.Time, title, description string) *Event {
	r := newRule()
	r.ID, r.Name = "tidemark", "Tidemark"
	e := r.event(Tick{Now: at, AsOf: at}, at, title)
	e.Title, e.Description = title, description
	return e
}
