package alert

import (
	"context"
	"encoding/json"
	"fmt"
	"sort"
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

// List reads alerts that fired within a span of time, the newest first, without
// their queries and rows. A zero time is no bound.
func List(ctx context.Context, db *tidemark.DB, from, to time.Time) ([]*Alert, error) {
	return read(ctx, db, "project-away Rows, Query", "", from, to)
}

// Find reads one alert by its identifier or the beginning of it.
func Find(ctx context.Context, db *tidemark.DB, id string) (*Alert, error) {
	all, err := read(ctx, db, "where AlertId startswith id", id, time.Time{}, time.Time{})
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

func read(ctx context.Context, db *tidemark.DB, stage, id string, from, to time.Time) ([]*Alert, error) {
	query := `declare query_parameters(id:string = "");
Alerts | ` + stage
	res, err := db.Query(ctx, query, tidemark.Param("id", id))
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
		if !from.IsZero() && a.Fired.Before(from) || !to.IsZero() && !a.Fired.Before(to) {
			continue
		}
		sort.SliceStable(a.History, func(i, j int) bool { return a.History[i].At.Before(a.History[j].At) })
		a.settle()
		out = append(out, a)
	}
	sort.Slice(out, func(i, j int) bool {
		if !out[i].Fired.Equal(out[j].Fired) {
			return out[i].Fired.After(out[j].Fired)
		}
		return out[i].ID < out[j].ID
	})
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
