package rule

import (
	"encoding/json"
	"strings"
	"time"

	"tidemark/internal/tree"
)

// tidemarkFields are the keys of our own block: Azure's criteria, state, and
// what a rule that runs on one's own machine needs to know.
func tidemarkFields(r *Rule) []tree.Field {
	return []tree.Field{
		{Name: "measure", Doc: "What is compared with the threshold: Azure's criteria.", Read: func(n *tree.Node) { n.Fields("measure", measureFields(&r.Measure)) }},
		{Name: "autoMitigate", Doc: "true: one alert until the condition is no longer met.", Read: flag(&r.AutoMitigate)},
		{Name: "timeToResolve", Doc: "How long the condition must not be met until an alert is resolved.", Read: duration(&r.Resolve)},
		{Name: "muteActionsDuration", Doc: "Send nothing for that long after an alert.", Read: duration(&r.Mute)},
		{Name: "queryDelay", Doc: "How long after its tick the rule runs, to let data come; 5m, as Sentinel does.", Read: duration(&r.Delay)},
		{Name: "lateness", Doc: "How long a window is looked at again when rows come late; 1h.", Read: duration(&r.Lateness)},
		{Name: "maxEventAge", Doc: "Rows older than this when they come alert nobody; 14d.", Read: duration(&r.MaxAge)},
		{Name: "actions", Doc: "Names of targets, from the targets file.", Read: texts(&r.Actions)},
		{Name: "properties", Doc: "Custom properties that messages carry.", Read: pairs(&r.Properties)},
		{Name: "tests", Doc: "Rows and the alerts they must give.", Read: func(n *tree.Node) {
			n.Each(func(item *tree.Node) { r.Tests = append(r.Tests, readTest(item)) })
		}},
	}
}

// measureFields are the keys of Azure's criteria that are the same in our block.
func measureFields(m *Measure) []tree.Field {
	return []tree.Field{
		{Name: "timeAggregation", Doc: "Count, Average, Minimum, Maximum or Total.", Read: func(n *tree.Node) { n.Word(&m.Aggregation, Aggregations...) }},
		{Name: "metricMeasureColumn", Doc: "The column that is aggregated; none for Count.", Read: text(&m.Column)},
		{Name: "dimensions", Doc: "Columns whose values are looked at apart.", Read: m.readDimensions},
		{Name: "operator", Doc: "How the value is compared.", Read: func(n *tree.Node) {
			var word string
			n.Word(&word, operatorNames()...)
			if o, ok := operatorNamed(word); ok {
				m.Operator = o.name
			}
		}},
		{Name: "threshold", Doc: "What the value is compared with.", Read: func(n *tree.Node) { n.Float(&m.Threshold) }},
		{Name: "windowSize", Doc: "The span that one value is of.", Read: duration(&m.Bin)},
		{Name: "failingPeriods", Doc: "How many of the last values must meet the condition.", Read: func(n *tree.Node) {
			n.Fields("failingPeriods", []tree.Field{
				{Name: "numberOfEvaluationPeriods", Read: func(n *tree.Node) { n.Int(&m.Periods, 1, 24) }},
				{Name: "minFailingPeriodsToAlert", Read: func(n *tree.Node) { n.Int(&m.MinFailing, 1, 24) }},
			})
		}},
	}
}

func (m *Measure) readDimensions(n *tree.Node) {
	n.Each(func(item *tree.Node) {
		var d Dimension
		if item.Kind != tree.Map {
			item.String(&d.Name)
			m.Dimensions = append(m.Dimensions, d)
			return
		}
		operator := "Include"
		item.Fields("a dimension", []tree.Field{
			{Name: "name", Read: text(&d.Name)},
			{Name: "operator", Read: func(n *tree.Node) { n.Word(&operator, "Include", "Exclude") }},
			{Name: "values", Read: texts(&d.Values)},
		})
		d.Exclude = operator == "Exclude"
		for _, v := range d.Values {
			if v == "*" && !d.Exclude {
				d.Values = nil
				break
			}
		}
		if d.Name == "" {
			item.Fail("", "a dimension needs a name")
		}
		m.Dimensions = append(m.Dimensions, d)
	})
	if len(m.Dimensions) > 6 {
		n.Fail("", "there can be at most 6 dimensions")
	}
}

// Test is rows and the alerts they must give.
type Test struct {
	Name string
	Rows []Input   // what is in the tables
	From time.Time // ticks after this one up to Now run; the zero time means the last one only
	Now  time.Time
	Want Expected
	node *tree.Node
}

// Input is rows of a test: a file beside the rule, or the rows themselves as
// NDJSON.
type Input struct {
	Path, Text string
	Table      string // where the rows do not say it
}

// Expected is what a test expects; what is nil is not looked at.
type Expected struct {
	Alerts     *int     // how many fire
	Resolved   *int     // how many are resolved
	Dimensions [][]Pair // of the alerts, in any order
	Titles     []string // likewise
	Severity   *Severity
	Late       *bool // whether all are late
}

func readTest(n *tree.Node) *Test {
	t := &Test{node: n}
	table := ""
	n.Fields("a test", []tree.Field{
		{Name: "name", Doc: "Name of the test.", Read: text(&t.Name)},
		{Name: "table", Doc: "Table of the rows, where they do not say it.", Read: text(&table)},
		{Name: "rows", Doc: "A file beside the rule, or a list of rows.", Read: func(n *tree.Node) { t.Rows = append(t.Rows, readInput(n)...) }},
		{Name: "from", Doc: "Run all ticks after this time.", Read: moment(&t.From)},
		{Name: "now", Doc: "Run the last tick up to this time.", Read: moment(&t.Now)},
		{Name: "expect", Doc: "What must come out.", Read: func(n *tree.Node) { n.Fields("expect", expectedFields(&t.Want)) }},
	})
	for i := range t.Rows {
		t.Rows[i].Table = table
	}
	if t.Now.IsZero() {
		n.Fail("for example now: 2026-01-02T00:10:00Z", "a test needs the time it runs at")
	}
	if w := t.Want; w.Alerts == nil && w.Resolved == nil && w.Dimensions == nil && w.Titles == nil && w.Severity == nil && w.Late == nil {
		n.Fail("for example expect: {alerts: 1}", "a test that expects nothing cannot fail")
	}
	return t
}

func expectedFields(e *Expected) []tree.Field {
	count := func(into **int) func(n *tree.Node) {
		return func(n *tree.Node) {
			v := -1
			if n.Int(&v, 0, 1<<30); v >= 0 {
				*into = &v
			}
		}
	}
	return []tree.Field{
		{Name: "alerts", Doc: "How many alerts fire.", Read: count(&e.Alerts)},
		{Name: "resolved", Doc: "How many alerts are resolved.", Read: count(&e.Resolved)},
		{Name: "dimensions", Doc: "The dimensions of each alert.", Read: func(n *tree.Node) {
			n.Each(func(item *tree.Node) {
				var p []Pair
				pairs(&p)(item)
				e.Dimensions = append(e.Dimensions, p)
			})
		}},
		{Name: "titles", Doc: "The title of each alert.", Read: texts(&e.Titles)},
		{Name: "severity", Doc: "The severity of all alerts.", Read: func(n *tree.Node) {
			s, err := ParseSeverity(n.Text)
			if err != nil {
				n.Fail("", "%v", err)
				return
			}
			e.Severity = &s
		}},
		{Name: "late", Doc: "Whether the alerts are of late rows.", Read: func(n *tree.Node) {
			var v bool
			n.Bool(&v)
			e.Late = &v
		}},
	}
}

// readInput reads rows: names of files, or mappings, which become NDJSON.
func readInput(n *tree.Node) []Input {
	var out []Input
	var lines strings.Builder
	n.Each(func(item *tree.Node) {
		switch item.Kind {
		case tree.Map:
			b, err := json.Marshal(item.Plain())
			if err != nil {
				item.Fail("", "this row is no JSON: %v", err)
				return
			}
			lines.Write(append(b, '\n'))
		case tree.List:
			item.Fail("", "a row is a mapping of columns to values")
		default:
			out = append(out, Input{Path: item.Text})
		}
	})
	if lines.Len() > 0 {
		out = append(out, Input{Text: lines.String()})
	}
	return out
}
