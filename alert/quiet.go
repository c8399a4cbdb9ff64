package alert

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"tidemark"
	"tidemark/table"
	"tidemark/window"
)

// silentMark holds the spans of ingestion time whose rows alert nobody.
const silentMark = "rules/silent"

// silentSpan is a span as it is kept; one that is open has no end yet.
type silentSpan struct {
	After table.Time `json:"after"`
	Upto  table.Time `json:"upto,omitempty"`
}

func readSilent(db *tidemark.DB) ([]silentSpan, error) {
	b, err := db.Mark(silentMark)
	if err != nil || b == nil {
		return nil, err
	}
	var out []silentSpan
	if err := json.Unmarshal(b, &out); err != nil {
		return nil, fmt.Errorf("%w: mark %s: %v", tidemark.ErrCorrupt, silentMark, err)
	}
	return out, nil
}

func writeSilent(ctx context.Context, db *tidemark.DB, spans []silentSpan) error {
	b, err := json.Marshal(spans)
	if err != nil {
		return err
	}
	return db.Append(ctx, &table.Batch{Marks: map[string][]byte{silentMark: b}})
}

// Quiet runs a load whose rows are to alert nobody: a back-fill. Nothing else
// may be loaded meanwhile.
func Quiet(ctx context.Context, db *tidemark.DB, load func() error) error {
	if _, err := closeSilent(ctx, db); err != nil {
		return err
	}
	spans, err := readSilent(db)
	if err != nil {
		return err
	}
	begin := db.Now()
	if err := db.Fence(ctx, begin); err != nil {
		return err
	}
	// The span is on record before the first row is: a crash leaves no rows
	// that would alert.
	if err := writeSilent(ctx, db, append(spans, silentSpan{After: table.FromGo(begin)})); err != nil {
		return err
	}
	err = load()
	_, e := closeSilent(context.WithoutCancel(ctx), db)
	return errors.Join(err, e)
}

// closeSilent ends a span that is open: its load has ended, well or not.
func closeSilent(ctx context.Context, db *tidemark.DB) ([]window.Span, error) {
	spans, err := readSilent(db)
	if err != nil {
		return nil, err
	}
	var out []window.Span
	changed := false
	for i := range spans {
		if spans[i].Upto == 0 {
			now := db.Now()
			if t := spans[i].After.Go(); now.Before(t) { // a clock that was set back
				now = t.Add(time.Millisecond)
			}
			if err := db.Fence(ctx, now); err != nil {
				return nil, err
			}
			spans[i].Upto, changed = table.FromGo(now), true
		}
		out = append(out, window.Span{After: spans[i].After, Upto: spans[i].Upto})
	}
	if changed {
		return out, writeSilent(ctx, db, spans)
	}
	return out, nil
}

// Silent are the back-fills of a database, for a replay.
func Silent(db *tidemark.DB) ([]window.Span, error) {
	spans, err := readSilent(db)
	var out []window.Span
	for _, s := range spans {
		if s.Upto == 0 {
			s.Upto = table.MaxTime
		}
		out = append(out, window.Span{After: s.After, Upto: s.Upto})
	}
	return out, err
}
