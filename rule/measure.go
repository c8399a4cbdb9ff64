package rule

import (
	"fmt"
	"slices"
	"time"
)

// Measure is the condition on the rows of a query: Azure's criteria.
type Measure struct {
	Aggregation string // of Aggregations
	Column      string // that is aggregated; empty for Count
	Dimensions  []Dimension
	Operator    string // of Operators
	Threshold   float64
	// Bin is the span of time that one value is of; the last Periods of them
	// are looked at, and MinFailing must meet the condition.
	Bin                 time.Duration
	Periods, MinFailing int
}

// Dimension is a column whose values are looked at apart.
type Dimension struct {
	Name    string
	Exclude bool     // all values but these
	Values  []string // nil means all
}

// Aggregations are what a measure can work out.
var Aggregations = []string{"Count", "Average", "Minimum", "Maximum", "Total"}

// operator compares a value with the threshold.
type operator struct {
	name, short, sign string
	meets             func(value, threshold float64) bool
}

// operators are Azure's names first, Sentinel's short ones second. Sentinel
// says Equal where Azure says Equals.
var operators = []operator{
	{"GreaterThan", "gt", ">", func(v, t float64) bool { return v > t }},
	{"GreaterThanOrEqual", "ge", ">=", func(v, t float64) bool { return v >= t }},
	{"LessThan", "lt", "<", func(v, t float64) bool { return v < t }},
	{"LessThanOrEqual", "le", "<=", func(v, t float64) bool { return v <= t }},
	{"Equals", "eq", "==", func(v, t float64) bool { return v == t }},
	{"Equal", "eq", "==", func(v, t float64) bool { return v == t }},
	{"NotEqual", "ne", "!=", func(v, t float64) bool { return v != t }},
}

func newMeasure() Measure {
	return Measure{Aggregation: "Count", Operator: "GreaterThan", Periods: 1, MinFailing: 1}
}

// operatorNames are the words an operator may be written as.
func operatorNames() []string {
	var out []string
	for _, o := range operators {
		out = append(out, o.name, o.short)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// operatorNamed finds an operator by either name; Azure's name is kept.
func operatorNamed(word string) (operator, bool) {
	for _, o := range operators {
		if o.name == word || o.short == word {
			if o.name == "Equal" {
				o.name = "Equals"
			}
			return o, true
		}
	}
	return operator{}, false
}

// meets reports whether a value meets the condition.
func (m *Measure) meets(value float64) bool {
	o, ok := operatorNamed(m.Operator)
	return ok && o.meets(value, m.Threshold)
}

// String is the condition in words, such as Count > 0 by Computer.
func (m *Measure) String() string {
	o, _ := operatorNamed(m.Operator)
	text := m.Aggregation
	if m.Column != "" {
		text += "(" + m.Column + ")"
	}
	text += fmt.Sprintf(" %s %v", o.sign, m.Threshold)
	for i, d := range m.Dimensions {
		word := " by "
		if i > 0 {
			word = ", "
		}
		text += word + d.Name
	}
	if m.Periods > 1 {
		text += fmt.Sprintf(" in %d of %d times %s", m.MinFailing, m.Periods, FormatDuration(m.Bin))
	}
	return text
}

// takes reports whether a value of the dimension is looked at.
func (d *Dimension) takes(value string) bool {
	if d.Values == nil {
		return true
	}
	return slices.Contains(d.Values, value) != d.Exclude
}
