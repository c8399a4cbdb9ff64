package command

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"tidemark/parser"
	"tidemark/table"
)

func registerPolicies() {
	register(&Command{Head: ".show table T policy retention", Usage: ".show table T policy retention", Doc: "Shows how long rows of a table are wanted.",
		Example: ".show table Heartbeat policy retention", read: fixed(showRetention)})
	register(&Command{
		Head: ".alter table T policy retention", Usage: ".alter table T policy retention '{\"SoftDeletePeriod\": \"30.00:00:00\"}'", Writes: true,
		Doc: "Keeps how long rows of a table are wanted.", Example: ".alter table Heartbeat policy retention ```{\"SoftDeletePeriod\": \"30.00:00:00\", \"Recoverability\": \"Disabled\"}```",
		read: readRetention,
	})
	register(&Command{
		Head: ".alter-merge table T policy retention", Usage: ".alter-merge table T policy retention softdelete = 30d [recoverability = disabled]", Writes: true,
		Doc: "Changes how long rows of a table are wanted.", Example: ".alter-merge table Heartbeat policy retention softdelete = 14d",
		read: readMergeRetention,
	})
	register(&Command{
		Head: ".delete table T policy retention", Usage: ".delete table T policy retention", Writes: true,
		Doc: "Forgets how long rows of a table are wanted.", Example: ".delete table Heartbeat policy retention",
		read: func(r *reader, n [][]name) action {
			return changeRetention(n[0][0], parser.Span{}, func(*Retention) *Retention { return nil })
		},
	})
}

// json is the policy as Kusto shows it; null where there is none.
func (r *Retention) json() string {
	if r == nil {
		return "null"
	}
	return asJSON(r)
}

func showRetention(_ context.Context, e *Env, names []name) (*answer, error) {
	if _, err := e.tableNamed(names[0]); err != nil {
		return nil, err
	}
	p, err := e.properties(names[0].text)
	if err != nil {
		return nil, err
	}
	a := &answer{cols: text("PolicyName", "EntityName", "Policy", "ChildEntities", "EntityType")}
	a.add("RetentionPolicy", fmt.Sprintf("[%s].[%s]", e.Database, names[0].text), p.Retention.json(), "", "Table")
	return a, nil
}

// forever is the period that Kusto takes where none is given.
const forever = "365000.00:00:00"

func readRetention(r *reader, names [][]name) action {
	s, at, err := r.string()
	if err != nil {
		return nil
	}
	next := &Retention{SoftDeletePeriod: forever, Recoverability: "Enabled"}
	d := json.NewDecoder(bytes.NewReader([]byte(s)))
	d.DisallowUnknownFields()
	if err := d.Decode(next); err != nil {
		reason := ": " + strings.TrimPrefix(err.Error(), "json: ")
		if errors.As(err, new(*json.UnmarshalTypeError)) || errors.As(err, new(*json.SyntaxError)) {
			reason = "" // its words are Go's
		}
		r.fail(at, "TM036", `it is written {"SoftDeletePeriod": "30.00:00:00", "Recoverability": "Disabled"}`, "this is not a retention policy%s", reason)
		return nil
	}
	if next.check(r, at) != nil {
		return nil
	}
	return changeRetention(names[0][0], at, func(*Retention) *Retention { return next })
}

func readMergeRetention(r *reader, names [][]name) action {
	var period, recover string
	begin := r.peek().start
	for r.peek().kind == wordKind {
		t := r.next()
		if r.expect("=") != nil {
			return nil
		}
		v, err := r.value()
		if err != nil {
			return nil
		}
		switch strings.ToLower(t.text) {
		case "softdelete":
			period = v.value
		case "recoverability":
			recover = v.value
		default:
			r.fail(t.span(), "TM033", "softdelete = 30d, recoverability = disabled", "the property %s is not known here", t.text)
			return nil
		}
	}
	if period == "" && recover == "" {
		r.unexpected("softdelete = …")
		return nil
	}
	at := parser.Span{Start: begin, End: r.pos}
	probe := &Retention{SoftDeletePeriod: or(period, forever), Recoverability: or(recover, "Enabled")}
	if probe.check(r, at) != nil {
		return nil
	}
	return changeRetention(names[0][0], at, func(was *Retention) *Retention {
		next := Retention{SoftDeletePeriod: forever, Recoverability: "Enabled"}
		if was != nil {
			next = *was
		}
		if period != "" {
			next.SoftDeletePeriod = probe.SoftDeletePeriod
		}
		if recover != "" {
			next.Recoverability = probe.Recoverability
		}
		return &next
	})
}

func or(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}

// check brings a policy into its written form.
func (p *Retention) check(r *reader, at parser.Span) error {
	d, ok := table.ParseDuration(p.SoftDeletePeriod)
	if !ok || d < 0 {
		return r.fail(at, "TM036", "write 30d or 30.00:00:00", "%q is not a period", p.SoftDeletePeriod)
	}
	p.SoftDeletePeriod = d.String()
	for _, v := range []string{"Enabled", "Disabled"} {
		if strings.EqualFold(v, p.Recoverability) {
			p.Recoverability = v
			return nil
		}
	}
	return r.fail(at, "TM036", "", "Recoverability is Enabled or Disabled, not %s", p.Recoverability)
}

// changeRetention keeps a policy, and says what it does to rows.
func changeRetention(of name, at parser.Span, change func(*Retention) *Retention) action {
	return func(ctx context.Context, e *Env) (*answer, error) {
		if _, err := e.tableNamed(of); err != nil {
			return nil, err
		}
		s, err := e.Write()
		if err != nil {
			return nil, err
		}
		if err := e.Library.changeProperties(ctx, s, of.text, func(p *Properties) { p.Retention = change(p.Retention) }); err != nil {
			return nil, err
		}
		if err := e.Retain(ctx); err != nil {
			return nil, err
		}
		a, err := showRetention(ctx, e, []name{of})
		if err == nil && at != (parser.Span{}) {
			a.warnings = parser.Errors{{Span: at, Severity: parser.SeverityWarning, Code: "TM130",
				Msg: "rows that are older, by the time of ingestion, are deleted now and whenever the database is opened for writing, and every hour while it is"}}
		}
		return a, err
	}
}
