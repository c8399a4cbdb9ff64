package alert

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sort"
	"strconv"
	"strings"
	"time"

	"tidemark"
)

// Alert is an alert and all that happened to it.
type Alert struct {
	ID           string          `json:"alertId"`
	Name         string          `json:"name"`
	Severity     string          `json:"severity"`
	Computer     string          `json:"computer"`
	RuleID       string          `json:"ruleId"`
	RuleName     string          `json:"ruleName"`
	RuleVersion  string          `json:"ruleVersion,omitempty"`
	Description  string          `json:"description"`
	Dimensions   json.RawMessage `json:"dimensions"`
	Entities     json.RawMessage `json:"entities"`
	Details      json.RawMessage `json:"customDetails"`
	Tactics      string          `json:"tactics,omitempty"`
	Techniques   string          `json:"techniques,omitempty"`
	Criteria     json.RawMessage `json:"criteria"`
	Value        float64         `json:"metricValue"`
	Query        string          `json:"query,omitempty"`
	Tick         time.Time       `json:"tick"`
	WindowStart  time.Time       `json:"windowStart,omitzero"`
	WindowEnd    time.Time       `json:"windowEnd"`
	AsOf         time.Time       `json:"asOf"`
	ArrivedAfter time.Time       `json:"arrivedAfter,omitzero"`
	RowCount     int64           `json:"rowCount"`
	Rows         json.RawMessage `json:"rows,omitempty"` // objects by column
	Late         bool            `json:"late"`
	Fired        time.Time       `json:"fired"`
	Resolved     time.Time       `json:"resolved,omitzero"`
	Acknowledged time.Time       `json:"acknowledged,omitzero"`
	Closed       time.Time       `json:"closed,omitzero"`
	Disposition  string          `json:"disposition,omitempty"`
	History      []Happening     `json:"history"`
}

// Happening is a row of Alerts.
type Happening struct {
	At          time.Time `json:"at"`
	Event       string    `json:"event"`
	Reason      string    `json:"reason,omitempty"`
	User        string    `json:"user,omitempty"`
	Comment     string    `json:"comment,omitempty"`
	Disposition string    `json:"disposition,omitempty"`
}

// State is where the alert stands: Closed, Resolved, Acknowledged or Fired.
func (a *Alert) State() string {
	switch {
	case !a.Closed.IsZero():
		return "Closed"
	case !a.Resolved.IsZero():
		return "Resolved"
	case !a.Acknowledged.IsZero():
		return "Acknowledged"
	}
	return "Fired"
}

// States are where an alert can stand.
var States = []string{"Fired", "Acknowledged", "Resolved", "Closed"}

// Open is the state of alerts that are Fired or Acknowledged.
const Open = "open"

// Filter says which alerts List gives. The zero value is all of them.
type Filter struct {
	From     time.Time `json:"from,omitzero"`     // fired since
	To       time.Time `json:"to,omitzero"`       // fired before
	State    string    `json:"state,omitempty"`   // one of States, or Open
	Severity string    `json:"severity,omitzero"` // Sev0 to Sev4: at least so severe
	Rule     string    `json:"rule,omitempty"`    // part of the rule's name
	Computer string    `json:"computer,omitempty"`
	Limit    int       `json:"limit,omitempty"` // so many, the newest
}

// listQuery asks for what a list shows and for nothing else: of the table it
// reads the time that is asked for, and columns that are small.
const listQuery = `declare query_parameters(since:datetime = datetime(0001-01-01), before:datetime = datetime(9999-12-31), state:string = "", severity:long = 4,
    rule:string = "", computer:string = "", most:long = 9223372036854775807);
let later = Alerts
| where TimeGenerated >= since and Event in ("Resolved", "Acknowledged", "Closed", "Commented")
| summarize Resolved = maxif(TimeGenerated, Event == "Resolved"), Acknowledged = maxif(TimeGenerated, Event == "Acknowledged"),
    Closed = maxif(TimeGenerated, Event == "Closed") by AlertId;
let judged = Alerts
| where TimeGenerated >= since and Event in ("Acknowledged", "Closed", "Commented") and isnotempty(Disposition)
| summarize arg_max(TimeGenerated, Disposition) by AlertId
| project AlertId, Disposition;
Alerts
| where TimeGenerated >= since and TimeGenerated < before and Event == "Fired"
| where tolong(substring(Severity, 3)) <= severity and (rule == "" or RuleName contains rule) and (computer == "" or Computer =~ computer)
| project Fired = TimeGenerated, AlertId, AlertName, Severity, Computer, RuleId, RuleName, RowCount, Late
| join kind=leftouter later on AlertId
| join kind=leftouter judged on AlertId
| extend State = case(isnotnull(Closed), "Closed", isnotnull(Resolved), "Resolved", isnotnull(Acknowledged), "Acknowledged", "Fired")
| where state == "" or State =~ state or (state =~ "open" and State in ("Fired", "Acknowledged"))
| sort by Fired desc, AlertId asc
| take most`

// List reads alerts, the newest first: what a list shows of them, without
// queries, rows and history.
func List(ctx context.Context, db *tidemark.DB, f Filter) ([]*Alert, error) {
	var params []tidemark.QueryOption
	set := func(name, value string) {
		if value != "" {
			params = append(params, tidemark.Param(name, value))
		}
	}
	if !f.From.IsZero() {
		set("since", f.From.UTC().Format(time.RFC3339Nano))
	}
	if !f.To.IsZero() {
		set("before", f.To.UTC().Format(time.RFC3339Nano))
	}
	if f.Limit > 0 {
		set("most", strconv.Itoa(f.Limit))
	}
	set("state", f.State)
	set("severity", strings.TrimPrefix(f.Severity, "Sev"))
	set("rule", f.Rule)
	set("computer", f.Computer)
	res, err := db.Query(ctx, listQuery, params...)
	if err != nil {
		return nil, err
	}
	defer res.Close()
	var out []*Alert
	for row, err := range res.Rows(ctx) {
		if err != nil {
			return nil, err
		}
		a := &Alert{ID: row.String("AlertId"), Name: row.String("AlertName"), Severity: row.String("Severity"), Computer: row.String("Computer"),
			RuleID: row.String("RuleId"), RuleName: row.String("RuleName"), RowCount: row.Int("RowCount"), Disposition: row.String("Disposition"),
			Fired: row.Time("Fired"), Resolved: row.Time("Resolved"), Acknowledged: row.Time("Acknowledged"), Closed: row.Time("Closed")}
		a.Late, _ = row.Get("Late").(bool)
		out = append(out, a)
	}
	return out, nil
}

// Find reads one alert by its identifier or the beginning of it.
func Find(ctx context.Context, db *tidemark.DB, id string) (*Alert, error) {
	if id == "" {
		return nil, errors.New("an alert needs an identifier")
	}
	all, err := read(ctx, db, id)
	if err != nil {
		return nil, err
	}
	switch len(all) {
	case 0:
		return nil, fmt.Errorf("there is no alert %s", id)
	case 1:
		return all[0], nil
	}
	return nil, fmt.Errorf("%d alerts begin with %s; give more of the identifier", len(all), id)
}

// read reads the alerts whose identifiers begin like that, with all that
// happened to them.
func read(ctx context.Context, db *tidemark.DB, id string) ([]*Alert, error) {
	res, err := db.Query(ctx, `declare query_parameters(id:string);
Alerts | where AlertId startswith id`, tidemark.Param("id", id))
	if err != nil {
		return nil, err
	}
	defer res.Close()
	byID := map[string]*Alert{}
	for row, err := range res.Rows(ctx) {
		if err != nil {
			return nil, err
		}
		a := byID[row.String("AlertId")]
		if a == nil {
			a = &Alert{ID: row.String("AlertId")}
			byID[a.ID] = a
		}
		a.take(row)
	}
	var out []*Alert
	for _, a := range byID {
		sort.SliceStable(a.History, func(i, j int) bool { return a.History[i].At.Before(a.History[j].At) })
		a.settle()
		out = append(out, a)
	}
	return out, nil
}

// take adds a row to what is known of its alert.
func (a *Alert) take(row tidemark.Row) {
	h := Happening{At: row.Time("TimeGenerated"), Event: row.String("Event"), Reason: row.String("Reason"),
		User: row.String("User"), Comment: row.String("Comment"), Disposition: row.String("Disposition")}
	a.History = append(a.History, h)
	if h.Event != "Fired" {
		return
	}
	a.Fired = h.At
	for column, into := range map[string]*string{
		"AlertName": &a.Name, "Severity": &a.Severity, "Computer": &a.Computer, "RuleId": &a.RuleID, "RuleName": &a.RuleName,
		"RuleVersion": &a.RuleVersion, "Description": &a.Description, "Tactics": &a.Tactics, "Techniques": &a.Techniques, "Query": &a.Query,
	} {
		*into = row.String(column)
	}
	for column, into := range map[string]*json.RawMessage{
		"Dimensions": &a.Dimensions, "Entities": &a.Entities, "CustomDetails": &a.Details, "Criteria": &a.Criteria, "Rows": &a.Rows,
	} {
		if text := row.String(column); json.Valid([]byte(text)) {
			*into = json.RawMessage(text)
		}
	}
	for column, into := range map[string]*time.Time{
		"Tick": &a.Tick, "WindowStart": &a.WindowStart, "WindowEnd": &a.WindowEnd, "AsOf": &a.AsOf, "ArrivedAfter": &a.ArrivedAfter,
	} {
		*into = row.Time(column)
	}
	a.RowCount = row.Int("RowCount")
	a.Value, _ = row.Get("MetricValue").(float64)
	a.Late, _ = row.Get("Late").(bool)
}

// settle works out where the alert stands.
func (a *Alert) settle() {
	for _, h := range a.History {
		switch h.Event {
		case "Resolved":
			a.Resolved = h.At
		case "Acknowledged":
			a.Acknowledged = h.At
		case "Closed":
			a.Closed = h.At
		}
		if h.Disposition != "" {
			a.Disposition = h.Disposition
		}
	}
}

// Dispositions are what an alert can turn out to have been: Sentinel's words.
var Dispositions = []string{"TruePositive", "BenignPositive", "FalsePositive", "Undetermined"}

// Disposition finds one of them without regard to case.
func Disposition(word string) (string, bool) {
	for _, d := range Dispositions {
		if strings.EqualFold(d, word) {
			return d, true
		}
	}
	return "", false
}
