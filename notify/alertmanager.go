package notify

import (
	"context"
	"encoding/json"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"

	"tidemark/internal/tree"
	"tidemark/rule"
)

func init() {
	register(&Kind{
		Name: "alertmanager",
		Doc:  "Posts alerts to Prometheus' Alertmanager (API v2), which groups, silences and routes them.",
		setup: func(*tree.Node) ([]tree.Field, func(string, Env) (Target, error)) {
			h := &httpClient{}
			var labels []rule.Pair
			fields := append(h.fields(), tree.Field{Name: "labels", Doc: "Further labels of all alerts.", Read: mapField(&labels)})
			return fields, func(_ string, env Env) (Target, error) {
				if u, err := url.Parse(h.url); err == nil && (u.Path == "" || u.Path == "/") {
					h.url = strings.TrimRight(h.url, "/") + "/api/v2/alerts"
				}
				s, err := h.open(env)
				if err != nil {
					return nil, err
				}
				return &alertmanager{s, env, labels}, nil
			}
		},
	})
}

type alertmanager struct {
	*sender
	env    Env
	labels []rule.Pair
}

// amAlert is an alert of the API.
// See https://github.com/prometheus/alertmanager/blob/main/api/v2/openapi.yaml
type amAlert struct {
	Labels       map[string]string `json:"labels"`
	Annotations  map[string]string `json:"annotations"`
	StartsAt     time.Time         `json:"startsAt"`
	EndsAt       time.Time         `json:"endsAt"`
	GeneratorURL string            `json:"generatorURL,omitempty"`
}

// Send posts all events in one request; where that is refused, one by one, to
// find the one that is.
func (a *alertmanager) Send(ctx context.Context, events []*rule.Event) (int, error) {
	switch err := a.push(ctx, events); {
	case err == nil:
		return len(events), nil
	case len(events) == 1 || !isPermanent(err):
		return 0, err
	}
	return each(events, func(e *rule.Event) error { return a.push(ctx, []*rule.Event{e}) })
}

// Refresh repeats what is firing: Alertmanager resolves what it does not hear
// of again before endsAt.
func (a *alertmanager) Refresh(ctx context.Context, firing []*rule.Event) error {
	if len(firing) == 0 {
		return nil
	}
	return a.push(ctx, firing)
}

func (a *alertmanager) push(ctx context.Context, events []*rule.Event) error {
	out := make([]amAlert, len(events))
	for i, e := range events {
		out[i] = a.alert(e)
	}
	b, err := json.Marshal(out)
	if err != nil {
		panic("BUG: " + err.Error())
	}
	return a.post(ctx, b, "")
}

func (a *alertmanager) alert(e *rule.Event) amAlert {
	x := amAlert{Labels: map[string]string{}, Annotations: map[string]string{}, StartsAt: e.Fired.UTC()}
	label := func(name, value string) {
		if value != "" { // an empty label is refused
			x.Labels[labelName(name)] = strings.ToValidUTF8(value, "\ufffd")
		}
	}
	for _, p := range a.labels {
		label(p.Name, p.Value)
	}
	for _, d := range e.Dimensions {
		label(d.Name, d.Value)
	}
	label("alertname", e.RuleName)
	label("severity", amSeverity[e.Severity])
	label("computer", e.Computer)
	label("rule_id", e.RuleID)
	if !e.Stateful { // each is an alert of its own
		label("alert_id", e.AlertID)
	}
	note := func(name, value string) {
		if value != "" {
			x.Annotations[name] = strings.ToValidUTF8(value, "\ufffd")
		}
	}
	note("summary", e.Title)
	note("description", e.Description)
	note("query", e.Query)
	note("alert_id", e.AlertID)
	note("value", strconv.FormatFloat(e.Value, 'f', -1, 64))
	note("tick", stamp(e.Tick.Now))
	for _, d := range e.CustomDetails {
		note(labelName(d.Name), d.Value)
	}
	if a.env.BaseURL != "" {
		x.GeneratorURL, _ = Links(e, a.env.BaseURL)
	}
	x.EndsAt = a.ends(e)
	return x
}

// ends is until when the alert counts as firing, unless it is repeated.
func (a *alertmanager) ends(e *rule.Event) time.Time {
	now := a.now().UTC()
	switch {
	case e.Condition == rule.Resolved:
		return now
	case e.Stateful:
		return now.Add(max(3*e.Frequency, 3*RefreshEvery))
	}
	return now.Add(max(3*e.Frequency, 5*time.Minute))
}

// RefreshEvery is how often open alerts are repeated.
const RefreshEvery = time.Minute

// amSeverity are the words that Alertmanager's users route by.
var amSeverity = []string{"critical", "error", "warning", "info", "verbose"}

var badLabel = regexp.MustCompile(`[^a-zA-Z0-9_]`)

// labelName makes the name of a label of any text.
func labelName(s string) string {
	s = badLabel.ReplaceAllString(s, "_")
	if s == "" || s[0] >= '0' && s[0] <= '9' {
		s = "_" + s
	}
	return s
}

func (a *alertmanager) Close() error { return a.close() }
