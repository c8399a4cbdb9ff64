package main

import (
	"context"
	"fmt"
	"os/user"
	"slices"
	"strings"
	"time"

	"tidemark"
	"tidemark/alert"
	"tidemark/output"
	"tidemark/rule"
	"tidemark/service"
	"tidemark/table"
)

var alertsCommand = &command{
	name: "alerts",
	doc:  "Lists the alerts that rules have raised.",
	more: `The newest come first. An alert is Fired, then Acknowledged, Resolved (its
condition is no longer met) or Closed (somebody has dealt with it). Without
--from, --to and --state those of the last 30 days are shown, and 100 of them at
most. All that ever happened is in the tables Alerts and RuleHealth, which
queries may read. While a service has the database open, it is asked.`,
	setup: func(f *flags) func(context.Context, *env, []string) error {
		l := &alertList{}
		l.db.addDir(f)
		l.display.add(f, "table")
		f.StringVar(&l.state, "state", "", "only alerts in `STATE`: Fired, Acknowledged, Resolved, Closed, or open for the first two")
		f.StringVar(&l.severity, "severity", "", "only alerts of at least `SEVERITY`: Sev0 to Sev4, or High, Medium, Low")
		f.StringVar(&l.rule, "rule", "", "only alerts of rules whose name contains `TEXT`")
		f.StringVar(&l.computer, "computer", "", "only alerts about `COMPUTER`")
		f.IntVar(&l.limit, "limit", 100, "at most `N` alerts; 0: all")
		f.StringVar(&l.from, "from", "", "only alerts since `TIME`")
		f.StringVar(&l.to, "to", "", "only alerts before `TIME`")
		return l.run
	},
}

type alertList struct {
	db                                        database
	display                                   display
	state, severity, rule, computer, from, to string
	limit                                     int
}

// recently is how far back alerts are listed where no time is asked for.
const recently = 30 * 24 * time.Hour

func (l *alertList) run(ctx context.Context, e *env, args []string) error {
	if len(args) > 0 {
		return usagef("alerts takes no argument; there are alerts show, ack, comment and close")
	}
	w, format, err := l.display.writer(e)
	if err != nil {
		return err
	}
	filter, err := l.filter()
	if err != nil {
		return err
	}
	s, err := openAlerts(e, &l.db, false)
	if err != nil {
		return err
	}
	defer s.close()
	all, err := s.list(ctx, filter)
	if err != nil {
		return err
	}
	if l.limit > 0 && len(all) > l.limit {
		all = all[:l.limit]
		fmt.Fprintf(e.err, "note: there are more than these %s; --limit 0 shows all\n", output.Plural(int64(l.limit), "alert"))
	}
	var rows [][]any
	for _, a := range all {
		id := a.ID
		if format.Name == "table" && len(id) > 8 {
			id = id[:8]
		}
		rows = append(rows, []any{table.FromGo(a.Fired), a.State(), a.Severity, a.Name, a.Computer, a.RuleName, a.RowCount, a.Disposition, id})
	}
	if _, err := output.Copy(ctx, w, output.Rows("Alerts", alertColumns, rows)); err != nil {
		return err
	}
	return w.Close()
}

var alertColumns = []table.Column{
	{Name: "Fired", Type: table.Datetime}, {Name: "State", Type: table.String}, {Name: "Severity", Type: table.String},
	{Name: "AlertName", Type: table.String}, {Name: "Computer", Type: table.String}, {Name: "RuleName", Type: table.String},
	{Name: "RowCount", Type: table.Long}, {Name: "Disposition", Type: table.String}, {Name: "AlertId", Type: table.String},
}

// filter is what is asked for; one alert more than the limit shows that there
// are more.
func (l *alertList) filter() (alert.Filter, error) {
	f := alert.Filter{State: l.state, Rule: l.rule, Computer: l.computer}
	if l.severity != "" {
		s, err := rule.ParseSeverity(l.severity)
		if err != nil {
			return f, usagef("--severity: %v", err)
		}
		f.Severity = s.String()
	}
	states := append(slices.Clone(alert.States), alert.Open)
	if l.state != "" && !slices.ContainsFunc(states, func(s string) bool { return strings.EqualFold(s, l.state) }) {
		return f, usagef("--state is one of %s", strings.Join(states, ", "))
	}
	if l.limit < 0 {
		return f, usagef("--limit is a number of alerts, or 0 for all")
	}
	if l.limit > 0 {
		f.Limit = l.limit + 1
	}
	var err error
	for _, x := range []struct {
		flag, text string
		into       *time.Time
	}{{"--from", l.from, &f.From}, {"--to", l.to, &f.To}} {
		if x.text != "" {
			if *x.into, err = rule.ParseTime(x.text); err != nil {
				return f, usagef("%s: %v", x.flag, err)
			}
		}
	}
	if l.from == "" && l.to == "" && l.state == "" {
		f.From = time.Now().Add(-recently)
	}
	return f, nil
}

var alertsShowCommand = &command{
	name:  "alerts show",
	usage: "ID",
	doc:   "Shows all of an alert: what was compared, query, rows, and what happened to it.",
	more:  `The identifier may be cut short. With --rerun the query is run again, on the very rows that the alert saw.`,
	setup: func(f *flags) func(context.Context, *env, []string) error {
		s := &alertShow{}
		s.db.addDir(f)
		f.StringVar(&s.format, "format", "text", "output `FORMAT`: text or json")
		f.BoolVar(&s.rerun, "rerun", false, "run the query again as the alert saw it")
		return s.run
	},
}

type alertShow struct {
	db     database
	format string
	rerun  bool
}

func (s *alertShow) run(ctx context.Context, e *env, args []string) error {
	if len(args) != 1 || args[0] == "" {
		return usagef("alerts show takes the identifier of one alert")
	}
	if s.format != "text" && s.format != "json" {
		return usagef("unknown format %q; alerts show prints text or json", s.format)
	}
	store, err := openAlerts(e, &s.db, false)
	if err != nil {
		return err
	}
	defer store.close()
	a, err := store.find(ctx, args[0])
	if err != nil {
		return err
	}
	if s.rerun {
		name := "table"
		if s.format == "json" {
			name = "json"
		}
		d := display{format: name}
		w, _, err := d.writer(e)
		if err != nil {
			return err
		}
		res, err := store.rerun(ctx, a)
		if err != nil {
			return withText(a.Query, err)
		}
		defer res.Close()
		return copyResult(ctx, w, a.Query, res)
	}
	if s.format == "json" {
		printJSON(e.out, struct {
			*alert.Alert
			State string `json:"state"`
		}{a, a.State()})
		return nil
	}
	printAlert(e.out, a)
	return nil
}

// note makes a command that adds a note to an alert.
func note(name, event, doc string, disposition bool) *command {
	return &command{
		name: "alerts " + name, usage: "ID", doc: doc,
		more: "What is said is added to what is there; nothing is overwritten.",
		setup: func(f *flags) func(context.Context, *env, []string) error {
			n := &noting{note: alert.Note{Event: event}}
			n.db.addDir(f)
			f.StringVar(&n.note.Comment, "comment", "", "what there is to say: `TEXT`")
			f.StringVar(&n.note.User, "user", "", "who says it: `NAME` (default the user who runs this)")
			if disposition {
				f.StringVar(&n.note.Disposition, "disposition", "", "what it was: "+strings.Join(alert.Dispositions, ", "))
			}
			return n.run
		},
	}
}

var (
	alertsAckCommand     = note("ack", "Acknowledged", "Says that somebody looks into an alert.", true)
	alertsCommentCommand = note("comment", "Commented", "Adds a comment to an alert.", false)
	alertsCloseCommand   = note("close", "Closed", "Says that an alert has been dealt with.", true)
)

type noting struct {
	db   database
	note alert.Note
}

func (n *noting) run(ctx context.Context, e *env, args []string) error {
	if len(args) == 0 || slices.Contains(args, "") {
		return usagef("name the identifiers of alerts")
	}
	if n.note.Disposition != "" {
		if _, ok := alert.Disposition(n.note.Disposition); !ok {
			return usagef("--disposition is one of %s", strings.Join(alert.Dispositions, ", "))
		}
	}
	if n.note.Event == "Commented" && n.note.Comment == "" {
		return usagef("a comment needs --comment")
	}
	if n.note.User == "" {
		n.note.User = currentUser(e)
	}
	store, err := openAlerts(e, &n.db, true)
	if err != nil {
		return err
	}
	defer store.close()
	for _, id := range args {
		a, err := store.note(ctx, id, n.note)
		if err != nil {
			return err
		}
		fmt.Fprintf(e.out, "%s %s: %s\n", a.ID, strings.ToLower(n.note.Event), output.Clean(a.Name))
	}
	return nil
}

// currentUser is who runs the program.
func currentUser(e *env) string {
	if u, err := user.Current(); err == nil && u.Username != "" {
		return u.Username
	}
	for _, v := range []string{"USER", "LOGNAME", "USERNAME"} {
		if name := e.getenv(v); name != "" {
			return name
		}
	}
	return ""
}

// alertStore is where alerts are: a database, or the service that has it open.
type alertStore interface {
	list(ctx context.Context, f alert.Filter) ([]*alert.Alert, error)
	find(ctx context.Context, id string) (*alert.Alert, error)
	note(ctx context.Context, id string, n alert.Note) (*alert.Alert, error)
	rerun(ctx context.Context, a *alert.Alert) (service.Result, error)
	close() error
}

// openAlerts finds the service that has the database open, or opens it.
func openAlerts(e *env, d *database, write bool) (alertStore, error) {
	c, err := d.findService(e)
	if err != nil {
		return nil, err
	}
	if c != nil {
		return remoteAlerts{c}, nil
	}
	mode := []tidemark.Option{tidemark.ReadOnly()}
	if write {
		mode = []tidemark.Option{tidemark.NoCreate()}
	}
	db, err := d.open(e, mode...)
	if err != nil {
		return nil, err
	}
	return localAlerts{db}, nil
}

// localAlerts are those of a database that we have open.
type localAlerts struct{ db *tidemark.DB }

func (l localAlerts) close() error { return l.db.Close() }

func (l localAlerts) list(ctx context.Context, f alert.Filter) ([]*alert.Alert, error) {
	return alert.List(ctx, l.db, f)
}

func (l localAlerts) find(ctx context.Context, id string) (*alert.Alert, error) {
	return alert.Find(ctx, l.db, id)
}

func (l localAlerts) note(ctx context.Context, id string, n alert.Note) (*alert.Alert, error) {
	return alert.Write(ctx, l.db, id, n)
}

func (l localAlerts) rerun(ctx context.Context, a *alert.Alert) (service.Result, error) {
	res, err := alert.Rerun(ctx, l.db, a)
	if err != nil {
		return nil, err
	}
	return service.LocalResult(res), nil
}
