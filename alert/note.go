package alert

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"tidemark"
	"tidemark/table"
)

// Note is what somebody says about an alert.
type Note struct {
	Event       string // Acknowledged, Commented or Closed
	User        string
	Comment     string
	Disposition string // of Dispositions, or ""
}

// Write adds a note to an alert. Nothing that was written before goes away.
func Write(ctx context.Context, db *tidemark.DB, id string, n Note) (*Alert, error) {
	if strings.TrimSpace(n.User) == "" {
		return nil, errors.New("a note needs to say who writes it")
	}
	if n.Disposition != "" {
		d, ok := Disposition(n.Disposition)
		if !ok {
			return nil, fmt.Errorf("%q is no disposition; there are %s", n.Disposition, strings.Join(Dispositions, ", "))
		}
		n.Disposition = d
	}
	a, err := Find(ctx, db, id)
	if err != nil {
		return nil, err
	}
	now := db.Now()
	row := fields{
		"TimeGenerated": now, "AlertId": a.ID, "Event": n.Event, "AlertName": a.Name, "Severity": a.Severity, "Computer": a.Computer,
		"RuleId": a.RuleID, "RuleName": a.RuleName, "RuleVersion": a.RuleVersion,
		"User": n.User, "Comment": n.Comment, "Disposition": n.Disposition,
	}
	if err := db.Append(ctx, &table.Batch{Parts: []table.Part{part(table.Alerts, []fields{row})}}); err != nil {
		return nil, err
	}
	a.History = append(a.History, Happening{At: now, Event: n.Event, User: n.User, Comment: n.Comment, Disposition: n.Disposition})
	a.settle()
	return a, nil
}
