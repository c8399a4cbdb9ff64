package rule

import (
	"encoding/json"
	"strings"
	"time"
)

// Condition is what an event says of its alert: Azure's monitorCondition.
type Condition string

// The conditions.
const (
	Fired    Condition = "Fired"
	Resolved Condition = "Resolved"
)

// Event is something that happened to an alert. It carries all that a target
// needs, so that a message can be sent when rule and rows are long gone.
type Event struct {
	AlertID   string    `json:"alertId"`
	Condition Condition `json:"condition"`
	// Number counts the events of an alert from 1; with AlertID and Condition
	// it makes the key by which receivers know a message that comes twice.
	Number int `json:"number"`

	RuleID      string   `json:"ruleId"`
	RuleName    string   `json:"ruleName"`
	RuleVersion string   `json:"ruleVersion,omitempty"`
	Title       string   `json:"title"`
	Description string   `json:"description,omitempty"`
	Severity    Severity `json:"severity"`
	Tactics     []string `json:"tactics,omitempty"`
	Techniques  []string `json:"techniques,omitempty"`

	Fired    time.Time `json:"fired"`
	Resolved time.Time `json:"resolved,omitzero"`
	Reason   string    `json:"reason,omitempty"` // why it was resolved
	Late     bool      `json:"late,omitempty"`   // raised by rows that came after the window had been looked at
	Summary  bool      `json:"summary,omitempty"`
	Muted    bool      `json:"muted,omitempty"`
	Stateful bool      `json:"stateful,omitempty"`

	Computer      string        `json:"computer,omitempty"`
	Dimensions    []Pair        `json:"dimensions,omitempty"`
	Entities      []EntityValue `json:"entities,omitempty"`
	CustomDetails []Pair        `json:"customDetails,omitempty"`
	Properties    []Pair        `json:"properties,omitempty"`

	Query     string        `json:"query"`
	Measure   Measure       `json:"measure"`
	Value     float64       `json:"value"`
	Tick      Tick          `json:"tick"`
	Frequency time.Duration `json:"frequency"`
	Period    time.Duration `json:"period"`

	Columns  []string `json:"columns,omitempty"`
	Types    []string `json:"types,omitempty"`
	Rows     [][]any  `json:"rows,omitempty"` // the first; JSON values
	RowCount int64    `json:"rowCount"`

	Actions []string `json:"actions,omitempty"`
}

// EntityValue is a machine, an account, a file that an alert is about.
type EntityValue struct {
	Type   string `json:"type"`
	Fields []Pair `json:"fields"`
}

// Key names the event for receivers: the same however often it is sent.
func (e *Event) Key() string {
	return e.AlertID + "/" + string(e.Condition) + "/" + itoa(e.Number)
}

// At is when the event happened.
func (e *Event) At() time.Time {
	if e.Condition == Resolved {
		return e.Resolved
	}
	return e.Fired
}

// Bytes of rows that an event carries at most: messages are to stay below 256
// KB.
const maxRowBytes = 120_000

// The rows that an event carries at most.
const maxEventRows = 100

// Trimmed is the event with at most so many bytes of rows.
func (e *Event) Trimmed(bytes int) *Event {
	out := *e
	for i, row := range e.Rows {
		b, err := json.Marshal(row)
		if err != nil {
			panic("BUG: " + err.Error())
		}
		if bytes -= len(b) + 1; bytes < 0 {
			out.Rows = e.Rows[:i:i]
			break
		}
	}
	return &out
}

// MarshalJSON writes a pair as {"name": …, "value": …}.
func (p Pair) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Name  string `json:"name"`
		Value string `json:"value"`
	}{p.Name, p.Value})
}

// Object is pairs as an object of JSON.
func Object(pairs []Pair) map[string]string {
	out := make(map[string]string, len(pairs))
	for _, p := range pairs {
		out[p.Name] = p.Value
	}
	return out
}

// fill replaces {{Column}} by what a row has in the column.
func fill(format string, value func(column string) (string, bool)) string {
	var b strings.Builder
	for {
		before, rest, ok := strings.Cut(format, "{{")
		b.WriteString(before)
		if !ok {
			return b.String()
		}
		name, after, ok := strings.Cut(rest, "}}")
		if !ok {
			b.WriteString("{{" + rest)
			return b.String()
		}
		if v, ok := value(strings.TrimSpace(name)); ok {
			b.WriteString(v)
		}
		format = after
	}
}

// placeholders are the columns that a format names.
func placeholders(format string) []string {
	var out []string
	fill(format, func(c string) (string, bool) {
		out = append(out, c)
		return "", true
	})
	return out
}
