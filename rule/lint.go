package rule

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"tidemark/internal/tree"
	"tidemark/parser"
	"tidemark/table"
)

// Check says what is wrong with a query and which columns it gives.
type Check func(query string) (parser.Errors, []table.Column, error)

// Lint notes in the rule's file what is wrong with it. The error is of check
// itself, such as a database that cannot be opened.
func (r *Rule) Lint(check Check) error {
	if r.Source.partial {
		return nil
	}
	r.lintKeys()
	r.lintWindow()
	r.lintState()
	cols, err := r.lintQuery(check)
	if err != nil || cols == nil {
		return err
	}
	r.lintColumns(cols)
	return nil
}

func (r *Rule) lintKeys() {
	if r.Name == "" {
		r.fail("", "the rule has no name")
	}
	if strings.TrimSpace(r.Query) == "" {
		r.fail("", "the rule has no query")
	}
	if len(r.CustomDetails) > 20 {
		r.at("customDetails").Warn("", "Sentinel takes at most 20 custom details")
	}
	if n := len([]rune(r.Query)); n > 10_000 {
		r.Source.query.Warn("", "the query has %d characters; Sentinel takes at most 10,000", n)
	}
	for _, same := range [][2]string{{"operator", "triggerOperator"}, {"threshold", "triggerThreshold"}} {
		if n := r.Source.node.Get("tidemark").Get("measure").Get(same[0]); n != nil && r.Source.node.Get(same[1]) != nil {
			n.Fail("leave one of them out", "%s is the same as %s, which is there, too", same[0], same[1])
		}
	}
}

// Bounds of the times of a rule.
const (
	minFrequency = time.Minute
	minSentinel  = 5 * time.Minute // Sentinel's, for frequency and period
	maxPeriod    = 14 * day
	maxSuppress  = day
)

// lintWindow finds windows that cannot be, or leave rows out.
func (r *Rule) lintWindow() {
	frequency, period := r.at("queryFrequency"), r.at("queryPeriod")
	if r.Source.Format == "azure" {
		frequency, period = r.at("evaluationFrequency"), r.at("windowSize")
	}
	if r.Kind == NRT {
		for _, k := range []string{"queryFrequency", "queryPeriod", "triggerOperator", "triggerThreshold"} {
			if r.Source.node.Get(k) != nil {
				r.at(k).Warn("", "an NRT rule has no %s: it looks each minute at the rows that came", k)
			}
		}
		if r.Measure.Periods > 1 || r.Measure.Bin != r.Period {
			r.at("tidemark", "measure").Fail("leave failingPeriods and windowSize out", "an NRT rule looks at rows by their arrival, in which there are no periods")
		}
		return
	}
	r.lintLimits(frequency, period)
	switch f, p := r.Frequency, r.Period; {
	case frequency.Failed() || period.Failed(): // and so there is no time to check
	case f <= 0:
		frequency.Fail("for example queryFrequency: 5m", "the rule does not say how often it runs")
	case f < minFrequency:
		frequency.Fail("", "a rule runs once a minute at most, and this is %s", FormatDuration(f))
	case p <= 0:
		period.Fail("for example queryPeriod: 10m", "the rule does not say how far back its query sees")
	case p < f:
		period.Fail("make it at least as long", "the window of %s is shorter than the %s between runs: rows between the windows would never be seen", FormatDuration(p), FormatDuration(f))
	case p > maxPeriod || f > maxPeriod:
		period.Fail("", "a window is %s at most", FormatDuration(maxPeriod))
	case r.Measure.Bin > p:
		period.Fail("", "the window of %s is shorter than the %s that one value is of", FormatDuration(p), FormatDuration(r.Measure.Bin))
	case r.Measure.Bin*time.Duration(r.Measure.Periods) > p:
		period.Fail(fmt.Sprintf("%s are needed", FormatDuration(r.Measure.Bin*time.Duration(r.Measure.Periods))),
			"the window of %s has no room for %d times %s", FormatDuration(p), r.Measure.Periods, FormatDuration(r.Measure.Bin))
	default:
		r.lintAgo()
	}
	if r.Measure.MinFailing > r.Measure.Periods {
		r.at("tidemark", "measure").Fail("", "%d of %d values can never meet the condition", r.Measure.MinFailing, r.Measure.Periods)
	}
}

// lintLimits tells what Sentinel and Azure would not take. Here it works.
func (r *Rule) lintLimits(frequency, period *tree.Node) {
	f, p := r.Frequency, r.Period
	if r.Source.Format == "azure" {
		if f > day {
			frequency.Warn("", "Azure runs rules at least once a day")
		}
		if p > 2*day {
			period.Warn("", "in Azure a query sees 2 days at most")
		}
		return
	}
	if f >= minFrequency && f < minSentinel {
		frequency.Warn("", "Sentinel runs rules every %s at most", FormatDuration(minSentinel))
	}
	if p > 0 && p < minSentinel && p >= f {
		period.Warn("", "in Sentinel a query sees %s at least", FormatDuration(minSentinel))
	}
}

// lintAgo looks for ago(2d) in a query that sees one hour.
func (r *Rule) lintAgo() {
	t := parser.Tokens(r.Query)
	for i := 0; i+3 < len(t); i++ {
		if t[i].Text != "ago" || t[i+1].Text != "(" || !t[i+2].Timespan || t[i+3].Text != ")" {
			continue
		}
		back, ok := table.ParseDuration(t[i+2].Text)
		if ok && back.Go() > r.Period {
			r.Source.File.Warn(r.Source.query.At(t[i+2].Span), fmt.Sprintf("queryPeriod: %s would let it", t[i+2].Text),
				"the query goes back %s, and sees %s only", t[i+2].Text, FormatDuration(r.Period))
		}
	}
}

func (r *Rule) lintState() {
	if r.AutoMitigate && r.Mute > 0 {
		r.at("tidemark", "muteActionsDuration").Fail("leave one of them out", "muteActionsDuration is for rules without state, and autoMitigate gives it one")
	}
	if r.AutoMitigate && r.Frequency > 12*time.Hour && r.Resolve == 0 {
		r.at("autoMitigate").Fail("give it a timeToResolve, or autoMitigate: false", "a rule that runs less than twice a day has no time after which alerts are resolved")
	}
	if r.Suppression > maxSuppress {
		r.at("suppressionDuration").Fail("", "a rule rests for 24 hours at most")
	}
	for _, d := range []struct {
		key   string
		value time.Duration
		most  time.Duration
	}{{"queryDelay", r.Delay, day}, {"lateness", r.Lateness, maxPeriod}, {"maxEventAge", r.MaxAge, 3660 * day}} {
		if d.value > d.most {
			r.at("tidemark", d.key).Fail("", "%s is %s at most", d.key, FormatDuration(d.most))
		}
	}
	if r.Measure.Aggregation == "Count" && r.Measure.Column != "" {
		r.at("tidemark", "measure").Fail("leave metricMeasureColumn out", "Count counts rows and measures no column")
	}
	if r.Measure.Aggregation != "Count" && r.Measure.Column == "" {
		r.at("tidemark", "measure").Fail("name it with metricMeasureColumn", "%s needs a column to measure", r.Measure.Aggregation)
	}
}

// lintQuery checks the query and shows what is wrong where it stands in the
// file.
func (r *Rule) lintQuery(check Check) ([]table.Column, error) {
	if r.Source.query == nil || strings.TrimSpace(r.Query) == "" {
		return nil, nil
	}
	errs, cols, err := check(r.Query)
	if err != nil {
		return nil, err
	}
	for _, e := range errs {
		moved := *e
		moved.Span = r.Source.query.At(e.Span)
		r.Source.File.Errs = append(r.Source.File.Errs, &moved)
	}
	if errs.Fatal() {
		return nil, nil
	}
	return cols, nil
}

// lintColumns looks whether the query gives the columns that the rule names.
func (r *Rule) lintColumns(cols []table.Column) {
	need := func(name, what string, keys ...string) {
		if name == "" || slices.ContainsFunc(cols, func(c table.Column) bool { return c.Name == name }) {
			return
		}
		r.at(keys...).Fail(closestColumn(name, cols), "%s is column %s, which the query does not give", what, name)
	}
	azure := r.Source.Format == "azure"
	measure := []string{"tidemark", "measure"}
	if azure {
		measure = []string{"criteria"}
	}
	for _, d := range r.Measure.Dimensions {
		need(d.Name, "a dimension", measure...)
	}
	need(r.Measure.Column, "what is measured", measure...)
	if r.Measure.Periods > 1 {
		need("TimeGenerated", "what failing periods go by", measure...)
	}
	for _, e := range r.Entities {
		for _, f := range e.Fields {
			need(f.Value, "an entity's "+f.Name, "entityMappings")
		}
	}
	for _, p := range r.CustomDetails {
		need(p.Value, "the detail "+p.Name, "customDetails", p.Name)
	}
	o := r.Override
	for _, c := range append(placeholders(o.Name), placeholders(o.Description)...) {
		need(c, "a part of title or description", "alertDetailsOverride")
	}
	need(o.SeverityColumn, "the severity", "alertDetailsOverride", "alertSeverityColumnName")
	need(o.TacticsColumn, "what tells the tactics", "alertDetailsOverride", "alertTacticsColumnName")
	for _, p := range o.Properties {
		need(p.Value, "the property "+p.Name, "alertDetailsOverride", "alertDynamicProperties")
	}
}
