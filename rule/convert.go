package rule

import (
	"strings"
	"time"

	"tidemark/internal/tree"
)

// YAML is the rule in the format of this package: Sentinel's keys and our own
// block. Reading it gives the same rule.
func (r *Rule) YAML() (string, error) {
	var o tree.Object
	put := func(key string, value any) { o = append(o, tree.Pair{Key: key, Value: value}) }
	put("id", r.ID)
	put("name", r.Name)
	if r.Version != "" {
		put("version", r.Version)
	}
	if r.Description != "" {
		put("description", strings.TrimRight(r.Description, "\n"))
	}
	put("kind", string(r.Kind))
	put("severity", r.severityWord())
	if !r.Enabled {
		put("enabled", false)
	}
	if r.Kind == Scheduled {
		put("queryFrequency", FormatDuration(r.Frequency))
		put("queryPeriod", FormatDuration(r.Period))
		if op, ok := operatorNamed(r.Measure.Operator); ok && r.simpleTrigger() {
			put("triggerOperator", op.short)
			put("triggerThreshold", int(r.Measure.Threshold))
		}
	}
	if !r.Start.IsZero() {
		put("startTimeUtc", r.Start.UTC().Format(time.RFC3339))
	}
	for _, list := range []struct {
		key    string
		values []string
	}{{"tactics", r.Tactics}, {"relevantTechniques", r.Techniques}, {"tags", r.Tags}} {
		if len(list.values) > 0 {
			put(list.key, tree.Flow{Value: list.values})
		}
	}
	put("query", r.Query)
	o = append(o, r.looks()...)
	for _, k := range r.Kept {
		put(k.Name, k.node)
	}
	if own := r.own(); len(own) > 0 {
		put("tidemark", own)
	}
	return tree.YAML(o)
}

func (r *Rule) severityWord() string {
	if r.Severity == 0 {
		return r.Severity.String()
	}
	return r.Severity.Name()
}

// simpleTrigger reports whether Sentinel's keys can say the condition.
func (r *Rule) simpleTrigger() bool {
	switch r.Measure.Operator {
	case "GreaterThan", "LessThan", "Equals", "Equal", "NotEqual":
		t := r.Measure.Threshold
		return t == float64(int(t)) && t >= 0 && t <= 10000
	}
	return false
}

// looks are the keys about what alerts look like.
func (r *Rule) looks() tree.Object {
	var o tree.Object
	put := func(key string, value any) { o = append(o, tree.Pair{Key: key, Value: value}) }
	if r.Grouping != SingleAlert {
		put("eventGroupingSettings", tree.Flow{Value: tree.Object{{Key: "aggregationKind", Value: string(r.Grouping)}}})
	}
	var entities []tree.Object
	for _, e := range r.Entities {
		var fields []tree.Object
		for _, f := range e.Fields {
			fields = append(fields, tree.Object{{Key: "identifier", Value: f.Name}, {Key: "columnName", Value: f.Value}})
		}
		entities = append(entities, tree.Object{{Key: "entityType", Value: e.Type}, {Key: "fieldMappings", Value: tree.Flow{Value: fields}}})
	}
	if entities != nil {
		put("entityMappings", entities)
	}
	if len(r.CustomDetails) > 0 {
		put("customDetails", object(r.CustomDetails))
	}
	var override tree.Object
	for _, p := range []Pair{
		{"alertDisplayNameFormat", r.Override.Name}, {"alertDescriptionFormat", r.Override.Description},
		{"alertSeverityColumnName", r.Override.SeverityColumn}, {"alertTacticsColumnName", r.Override.TacticsColumn},
	} {
		if p.Value != "" {
			override = append(override, tree.Pair{Key: p.Name, Value: p.Value})
		}
	}
	var dynamic []tree.Object
	for _, p := range r.Override.Properties {
		dynamic = append(dynamic, tree.Object{{Key: "alertProperty", Value: p.Name}, {Key: "value", Value: p.Value}})
	}
	if dynamic != nil {
		override = append(override, tree.Pair{Key: "alertDynamicProperties", Value: dynamic})
	}
	if override != nil {
		put("alertDetailsOverride", override)
	}
	if r.Suppression > 0 {
		put("suppressionEnabled", true)
		put("suppressionDuration", FormatDuration(r.Suppression))
	}
	return o
}

func object(pairs []Pair) tree.Object {
	var o tree.Object
	for _, p := range pairs {
		o = append(o, tree.Pair{Key: p.Name, Value: p.Value})
	}
	return o
}

// own are the keys of our block that differ from what they are by default.
func (r *Rule) own() tree.Object {
	var o tree.Object
	put := func(key string, value any) { o = append(o, tree.Pair{Key: key, Value: value}) }
	if m := r.measure(); len(m) > 0 {
		put("measure", m)
	}
	if r.AutoMitigate {
		put("autoMitigate", true)
	}
	d := newRule()
	d.Kind, d.Query = r.Kind, r.Query
	d.settle()
	for _, t := range []struct {
		key             string
		value, default_ time.Duration
	}{
		{"timeToResolve", r.Resolve, 0}, {"muteActionsDuration", r.Mute, 0}, {"queryDelay", r.Delay, d.Delay},
		{"lateness", r.Lateness, d.Lateness}, {"maxEventAge", r.MaxAge, d.MaxAge},
	} {
		if t.value != t.default_ {
			put(t.key, FormatDuration(t.value))
		}
	}
	if len(r.Actions) > 0 {
		put("actions", tree.Flow{Value: r.Actions})
	}
	if len(r.Properties) > 0 {
		put("properties", object(r.Properties))
	}
	if len(r.Tests) > 0 {
		put("tests", r.at("tidemark", "tests"))
	}
	return o
}

func (r *Rule) measure() tree.Object {
	var o tree.Object
	put := func(key string, value any) { o = append(o, tree.Pair{Key: key, Value: value}) }
	m := &r.Measure
	if m.Aggregation != "Count" {
		put("timeAggregation", m.Aggregation)
		put("metricMeasureColumn", m.Column)
	}
	if r.Kind == Scheduled && !r.simpleTrigger() {
		put("operator", m.Operator)
		put("threshold", m.Threshold)
	}
	var dims []tree.Object
	plain := true
	var names []string
	for _, d := range m.Dimensions {
		x := tree.Object{{Key: "name", Value: d.Name}}
		if d.Values != nil {
			word := "Include"
			if d.Exclude {
				word = "Exclude"
			}
			x = append(x, tree.Pair{Key: "operator", Value: word}, tree.Pair{Key: "values", Value: tree.Flow{Value: d.Values}})
			plain = false
		}
		dims, names = append(dims, x), append(names, d.Name)
	}
	switch {
	case dims != nil && plain:
		put("dimensions", tree.Flow{Value: names})
	case dims != nil:
		put("dimensions", dims)
	}
	if m.Periods > 1 || m.MinFailing > 1 {
		put("failingPeriods", tree.Flow{Value: tree.Object{
			{Key: "numberOfEvaluationPeriods", Value: m.Periods}, {Key: "minFailingPeriodsToAlert", Value: m.MinFailing}}})
	}
	if m.Bin > 0 && m.Periods > 0 && m.Bin != r.Period/time.Duration(m.Periods) {
		put("windowSize", FormatDuration(m.Bin))
	}
	return o
}
