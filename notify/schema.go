package notify

import (
	"encoding/json"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"tidemark/rule"
)

// The common alert schema of Azure Monitor, as log search alerts fill it in.
// Receivers that read its known keys work unchanged; SearchResults is that of
// the older log alerts, which carried the rows.
// See https://learn.microsoft.com/azure/azure-monitor/alerts/alerts-common-schema
type commonAlert struct {
	SchemaID string `json:"schemaId"`
	Data     struct {
		Essentials       essentials        `json:"essentials"`
		AlertContext     alertContext      `json:"alertContext"`
		CustomProperties map[string]string `json:"customProperties"`
	} `json:"data"`
}

type essentials struct {
	AlertID             string   `json:"alertId"`
	AlertRule           string   `json:"alertRule"`
	Severity            string   `json:"severity"`
	SignalType          string   `json:"signalType"`
	MonitorCondition    string   `json:"monitorCondition"`
	MonitoringService   string   `json:"monitoringService"`
	AlertTargetIDs      []string `json:"alertTargetIDs"`
	ConfigurationItems  []string `json:"configurationItems"`
	OriginAlertID       string   `json:"originAlertId"`
	FiredDateTime       string   `json:"firedDateTime"`
	ResolvedDateTime    string   `json:"resolvedDateTime,omitempty"`
	Description         string   `json:"description"`
	EssentialsVersion   string   `json:"essentialsVersion"`
	AlertContextVersion string   `json:"alertContextVersion"`
}

type alertContext struct {
	Properties    map[string]string `json:"properties"`
	ConditionType string            `json:"conditionType"`
	Condition     condition         `json:"condition"`
	// What follows is ours and the older schema's.
	Title                 string              `json:"title"`
	Late                  bool                `json:"late,omitempty"`
	Reason                string              `json:"reason,omitempty"`
	Tactics               []string            `json:"tactics,omitempty"`
	Techniques            []string            `json:"techniques,omitempty"`
	Entities              []map[string]string `json:"entities,omitempty"`
	CustomDetails         map[string]string   `json:"customDetails,omitempty"`
	RuleID                string              `json:"ruleId"`
	RuleVersion           string              `json:"ruleVersion,omitempty"`
	ResultCount           int64               `json:"resultCount"`
	SearchResults         *searchResults      `json:"SearchResults,omitempty"`
	IncludedSearchResults string              `json:"IncludedSearchResults"`
}

type condition struct {
	WindowSize      string      `json:"windowSize"`
	AllOf           []criterion `json:"allOf"`
	WindowStartTime string      `json:"windowStartTime,omitempty"`
	WindowEndTime   string      `json:"windowEndTime"`
}

type criterion struct {
	SearchQuery         string      `json:"searchQuery"`
	MetricMeasureColumn *string     `json:"metricMeasureColumn"`
	TargetResourceTypes string      `json:"targetResourceTypes"`
	Operator            string      `json:"operator"`
	Threshold           string      `json:"threshold"` // a text, in Azure
	TimeAggregation     string      `json:"timeAggregation"`
	Dimensions          []rule.Pair `json:"dimensions"`
	MetricValue         float64     `json:"metricValue"`
	FailingPeriods      struct {
		Number int `json:"numberOfEvaluationPeriods"`
		Least  int `json:"minFailingPeriodsToAlert"`
	} `json:"failingPeriods"`
	LinkToSearchResultsUI          string `json:"linkToSearchResultsUI,omitempty"`
	LinkToFilteredSearchResultsUI  string `json:"linkToFilteredSearchResultsUI,omitempty"`
	LinkToSearchResultsAPI         string `json:"linkToSearchResultsAPI,omitempty"`
	LinkToFilteredSearchResultsAPI string `json:"linkToFilteredSearchResultsAPI,omitempty"`
}

type searchResults struct {
	Tables []resultTable `json:"tables"`
}

type resultTable struct {
	Name    string         `json:"name"`
	Columns []resultColumn `json:"columns"`
	Rows    [][]any        `json:"rows"`
}

type resultColumn struct {
	Name string `json:"name"`
	Type string `json:"type"`
}

// maxBody is how large a message may be.
const maxBody = 256 << 10

// Body is an event in the common alert schema, in 256 KB at most: rows are left
// out as needed. base is where people reach the database, for links.
func Body(e *rule.Event, base string) []byte {
	for limit := maxBody; ; limit /= 2 {
		a := common(e.Trimmed(limit), base)
		b, err := json.Marshal(a)
		if err != nil {
			panic("BUG: " + err.Error())
		}
		if len(b) <= maxBody || limit == 0 {
			return b
		}
	}
}

func common(e *rule.Event, base string) *commonAlert {
	a := &commonAlert{SchemaID: "azureMonitorCommonAlertSchema"}
	items := []string{}
	if item := configurationItem(e); item != "" {
		items = append(items, item)
	}
	a.Data.Essentials = essentials{
		AlertID:   "/providers/Microsoft.AlertsManagement/alerts/" + e.AlertID,
		AlertRule: e.RuleName, Severity: e.Severity.String(), SignalType: "Log", MonitorCondition: string(e.Condition),
		MonitoringService: "Log Alerts V2", AlertTargetIDs: items, ConfigurationItems: items, OriginAlertID: e.AlertID,
		FiredDateTime: stamp(e.Fired), Description: e.Description, EssentialsVersion: "1.0", AlertContextVersion: "1.0",
	}
	if e.Condition == rule.Resolved {
		a.Data.Essentials.ResolvedDateTime = stamp(e.Resolved)
	}
	c := alertContext{
		Properties: rule.Object(e.Properties), ConditionType: "LogQueryCriteria", Condition: conditionOf(e, base), Title: e.Title,
		Late: e.Late, Reason: e.Reason, Tactics: e.Tactics, Techniques: e.Techniques, CustomDetails: rule.Object(e.CustomDetails),
		RuleID: e.RuleID, RuleVersion: e.RuleVersion, ResultCount: e.RowCount, IncludedSearchResults: "False",
	}
	for _, x := range e.Entities {
		m := rule.Object(x.Fields)
		m["$type"] = x.Type
		c.Entities = append(c.Entities, m)
	}
	if len(e.Rows) > 0 {
		t := resultTable{Name: "PrimaryResult", Rows: e.Rows}
		for i := range e.Columns {
			t.Columns = append(t.Columns, resultColumn{e.Columns[i], e.Types[i]})
		}
		c.SearchResults, c.IncludedSearchResults = &searchResults{[]resultTable{t}}, "True"
	}
	a.Data.AlertContext = c
	a.Data.CustomProperties = rule.Object(e.Properties)
	return a
}

// configurationItem is what an alert is about: the first of these dimensions,
// as in Azure, else its computer.
func configurationItem(e *rule.Event) string {
	for _, name := range []string{"_ResourceId", "ResourceId", "Resource", "Computer"} {
		for _, d := range e.Dimensions {
			if d.Name == name && d.Value != "" {
				return d.Value
			}
		}
	}
	return e.Computer
}

func conditionOf(e *rule.Event, base string) condition {
	m := &e.Measure
	x := criterion{
		SearchQuery: e.Query, TargetResourceTypes: "['tidemark']", Operator: m.Operator,
		Threshold: strconv.FormatFloat(m.Threshold, 'f', -1, 64), TimeAggregation: m.Aggregation, Dimensions: slices.Clone(e.Dimensions),
		MetricValue: e.Value,
	}
	if x.Dimensions == nil {
		x.Dimensions = []rule.Pair{}
	}
	if m.Column != "" {
		x.MetricMeasureColumn = &m.Column
	}
	x.FailingPeriods.Number, x.FailingPeriods.Least = m.Periods, m.MinFailing
	if base != "" {
		ui, api := Links(e, base)
		x.LinkToSearchResultsUI, x.LinkToFilteredSearchResultsUI = ui, ui
		x.LinkToSearchResultsAPI, x.LinkToFilteredSearchResultsAPI = api, api
	}
	c := condition{WindowSize: rule.FormatISO(m.Bin), AllOf: []criterion{x}, WindowEndTime: stamp(e.Tick.Now)}
	from := e.Tick.From
	if from.IsZero() {
		from = e.Tick.After
	}
	if !from.IsZero() {
		c.WindowStartTime = stamp(from)
	}
	return c
}

// Links are where the query can be run again: for people, and for programs
// through the Log Analytics query interface.
func Links(e *rule.Event, base string) (ui, api string) {
	base = strings.TrimRight(base, "/")
	from := e.Tick.From
	if from.IsZero() {
		from = e.Tick.After
	}
	v := url.Values{"query": {e.Query}, "timespan": {stamp(from) + "/" + stamp(e.Tick.Now)}}
	return base + "/?" + v.Encode(), base + "/v1/workspaces/tidemark/query?" + v.Encode()
}

// stamp is a time as Azure writes it.
func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }
