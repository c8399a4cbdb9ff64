package main

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"tidemark"
	"tidemark/alert"
	"tidemark/output"
	"tidemark/rule"
	"tidemark/service"
	"tidemark/table"
)

var ruleBacktestCommand = &command{
	name:  "rule backtest",
	usage: "PATH...",
	doc:   "Replays history and shows the alerts that rules give.",
	more: `Ticks after --from up to --to are run one after the other, each on the rows
that had come by then: what comes out is what the live run gave. Nothing is
written or sent. Rows that were imported long after they were generated had
come by no tick; with --arrival generated they count as having come when they
were generated, and so they do by themselves where that is true of all rows of
the time.

  tidemark rule backtest --from 2026-02-01 --to 2026-02-08 rules/hosts.yaml`,
	setup: func(f *flags) func(context.Context, *env, []string) error {
		b := &backtest{}
		b.db.add(f)
		b.files.add(f)
		b.display.add(f, "json")
		f.StringVar(&b.from, "from", "", "`TIME` after which ticks are run (default a day before --to)")
		f.StringVar(&b.to, "to", "", "`TIME` of the last tick (default now)")
		f.StringVar(&b.arrival, "arrival", string(alert.Auto), "when rows count as having come: ingested, generated or auto")
		return b.run
	},
}

type backtest struct {
	db                database
	files             ruleFiles
	display           display
	from, to, arrival string
}

func (b *backtest) run(ctx context.Context, e *env, args []string) error {
	w, _, err := b.display.writer(e)
	if err != nil {
		return err
	}
	from, to, err := b.times()
	if err != nil {
		return err
	}
	arrival := alert.Arrival(b.arrival)
	if arrival != alert.Auto && arrival != alert.Ingested && arrival != alert.Generated {
		return usagef("--arrival is ingested, generated or auto")
	}
	db, err := b.db.open(e, tidemark.ReadOnly())
	if err != nil {
		return err
	}
	defer db.Close()
	set, err := b.files.load(ctx, e, service.Local(db), args, nil)
	if err != nil {
		return err
	}
	var rows [][]any
	imported := false
	for _, r := range set.Rules {
		took, err := alert.Replay(ctx, db, r, from, to, arrival, func(ev *rule.Event) error {
			rows = append(rows, eventRow(ev))
			return nil
		})
		if err != nil {
			return err
		}
		imported = imported || took != arrival && took == alert.Generated
	}
	if imported {
		fmt.Fprintln(e.err, "note: the rows of this time came after it, as by an import; they count as having come when they were generated (--arrival ingested counts them when they came)")
	}
	sortRows(rows)
	if _, err := output.Copy(ctx, w, output.Rows("Alerts", eventColumns, rows)); err != nil {
		return err
	}
	return w.Close()
}

func (b *backtest) times() (from, to time.Time, err error) {
	to = time.Now()
	if b.to != "" {
		if to, err = rule.ParseTime(b.to); err != nil {
			return from, to, usagef("--to: %v", err)
		}
	}
	from = to.Add(-24 * time.Hour)
	if b.from != "" {
		if from, err = rule.ParseTime(b.from); err != nil {
			return from, to, usagef("--from: %v", err)
		}
	}
	if !from.Before(to) {
		return from, to, usagef("--from must be before --to")
	}
	return from, to, nil
}

// eventColumns are what a replay shows; named like the columns of Alerts.
var eventColumns = []table.Column{
	{Name: "TimeGenerated", Type: table.Datetime}, {Name: "Event", Type: table.String}, {Name: "Severity", Type: table.String},
	{Name: "AlertName", Type: table.String}, {Name: "Computer", Type: table.String}, {Name: "Dimensions", Type: table.Dynamic},
	{Name: "MetricValue", Type: table.Real}, {Name: "RowCount", Type: table.Long}, {Name: "Late", Type: table.Bool},
	{Name: "Reason", Type: table.String}, {Name: "RuleName", Type: table.String}, {Name: "RuleId", Type: table.String},
	{Name: "Tick", Type: table.Datetime}, {Name: "AlertId", Type: table.String},
}

func eventRow(e *rule.Event) []any {
	dims, err := json.Marshal(rule.Object(e.Dimensions))
	if err != nil {
		panic("BUG: " + err.Error())
	}
	reason := e.Reason
	if e.Muted {
		reason = "muted"
	}
	return []any{table.FromGo(e.At()), string(e.Condition), e.Severity.String(), e.Title, e.Computer, string(dims), e.Value, e.RowCount, e.Late,
		reason, e.RuleName, e.RuleID, table.FromGo(e.Tick.Now), e.AlertID}
}
