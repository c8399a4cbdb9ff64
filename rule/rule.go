package rule

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"tidemark/internal/tree"
	"tidemark/parser"
	"tidemark/window"
)

// Kind says what drives a rule.
type Kind string

// The kinds of rules.
const (
	// Scheduled rules look at a window of event times at each tick.
	Scheduled Kind = "Scheduled"
	// NRT (near real time) rules look each minute at the rows that came
	// since, whatever their event times.
	NRT Kind = "NRT"
)

// Severity is 0 (critical) to 4 (verbose), as in Azure Monitor.
type Severity int

// severityNames are Sentinel's words; Sentinel has none for 0.
var severityNames = []string{"Critical", "High", "Medium", "Low", "Informational"}

func (s Severity) String() string { return "Sev" + strconv.Itoa(int(s)) }

// Name is the word for the severity: Critical, High, Medium, Low, Informational.
func (s Severity) Name() string { return severityNames[s] }

// ParseSeverity reads Sentinel's words, Sev0 to Sev4, and 0 to 4.
func ParseSeverity(text string) (Severity, error) {
	for i, name := range severityNames {
		if strings.EqualFold(text, name) || strings.EqualFold(text, Severity(i).String()) || text == strconv.Itoa(i) {
			return Severity(i), nil
		}
	}
	if strings.EqualFold(text, "Information") {
		return 4, nil
	}
	return 0, fmt.Errorf("%q is no severity; there are High, Medium, Low, Informational, and Sev0 to Sev4", text)
}

// Grouping says how many alerts the rows of one evaluation make.
type Grouping string

// The groupings.
const (
	SingleAlert    Grouping = "SingleAlert"
	AlertPerResult Grouping = "AlertPerResult"
)

// Rule is an alert rule, whatever it was written as.
type Rule struct {
	ID          string
	Name        string
	Version     string
	Description string
	Enabled     bool
	Kind        Kind
	Severity    Severity
	Tactics     []string
	Techniques  []string
	Tags        []string

	Frequency time.Duration // between ticks
	Period    time.Duration // how far back the query sees
	Start     time.Time     // a tick; the zero time means the epoch
	Query     string
	Measure   Measure
	Grouping  Grouping

	Entities      []Entity
	CustomDetails []Pair
	Override      Override
	Properties    []Pair // custom properties that messages carry

	Suppression  time.Duration // stop looking for that long after an alert; 0: do not
	AutoMitigate bool          // alerts have a state: one until it is resolved
	Resolve      time.Duration // how long the condition must not be met; 0: as Azure does
	Mute         time.Duration // send nothing for that long after an alert
	Delay        time.Duration // how long after a tick the rule runs, to let data come
	Lateness     time.Duration // how long a window is looked at again when rows come late
	MaxAge       time.Duration // rows that are older when they come alert nobody
	Actions      []string      // names of targets
	Tests        []*Test
	Kept         []Kept // what Sentinel needs and we do not

	// Source is what the rule was read from.
	Source Source
}

// Source is where a rule comes from.
type Source struct {
	File   *tree.File
	Format string // sentinel or azure
	Line   int    // where the rule begins, from 1

	node, query *tree.Node
	partial     bool // some of it could not be worked out, and is an error already
}

// Pair is a name and a column or value that goes with it.
type Pair struct{ Name, Value string }

// Kept is a key that means nothing here, with its value as it stands in the
// file, so that a rule that is converted can go back to Sentinel.
type Kept struct {
	Name string
	node *tree.Node
}

// Entity says which columns tell a machine, an account, a file.
type Entity struct {
	Type   string
	Fields []Pair // identifier and column
}

// Override says how alerts of a rule take their looks from the rows.
type Override struct {
	Name, Description string // with {{Column}}
	SeverityColumn    string
	TacticsColumn     string
	Properties        []Pair // property and column
}

// Defaults of rules.
const (
	DefaultDelay    = 5 * time.Minute // Sentinel's
	DefaultLateness = time.Hour
	DefaultMaxAge   = 14 * 24 * time.Hour
	nrtFrequency    = time.Minute
)

func newRule() *Rule {
	return &Rule{
		Enabled: true, Kind: Scheduled, Severity: 2, Grouping: SingleAlert, Measure: newMeasure(),
		Delay: -1, Lateness: DefaultLateness, MaxAge: DefaultMaxAge,
	}
}

// ByArrival reports whether the query itself asks for times of ingestion. Such
// a rule sees each row once without further help, if it sees all up to its
// tick and nothing after.
func (r *Rule) ByArrival() bool {
	return usesIngestionTime(r.Query)
}

// Subject is the rule as messages call it.
func (r *Rule) Subject() string {
	if r.Name != "" {
		return r.Name
	}
	return r.ID
}

// fail notes an error about the rule as a whole.
func (r *Rule) fail(hint, format string, args ...any) { r.Source.node.Fail(hint, format, args...) }

// at is the node under a key of the rule's file, or the rule itself.
func (r *Rule) at(keys ...string) *tree.Node {
	n := r.Source.node
	for _, k := range keys {
		if next := n.Get(k); next != nil {
			n = next
		} else {
			return r.Source.node
		}
	}
	return n
}

// usesIngestionTime looks for ingestion_time() among the words of a query,
// comments and strings aside.
func usesIngestionTime(query string) bool {
	return slices.ContainsFunc(parser.Tokens(query), func(t parser.Token) bool {
		return t.Name && t.Text == "ingestion_time" || t.Text == window.ArrivalColumn
	})
}
