package op

import (
	"context"
	"slices"

	"tidemark/engine/fn"
	"tidemark/engine/vec"
	"tidemark/parser"
	"tidemark/table"
)

// The columns of some plugins are in their rows: bag_unpack() gives one for
// each property that it meets. Where the query does not declare them, they are
// known only once the rows are. A binder that may run things (BindAndRun) runs
// the part of the query before such a plugin, keeps its rows, and binds the
// rest over what it found. A binder that may not (Bind, for checking and
// explaining) gives the input's columns and one more, openColumn, which tells
// that more may come: names that are not found are then let pass, with an
// unknown type, as Kusto's own language service does.

// openColumn is the hidden column that marks rows whose columns are not all
// known. It never exists where a query runs.
const openColumn = "$open"

func isOpen(cols []table.Column) bool {
	return slices.ContainsFunc(cols, func(c table.Column) bool { return c.Name == openColumn && c.Hidden })
}

// opened stands for the rows of a plugin that was not run.
func opened(name string, cols []table.Column) Node {
	cols = slices.DeleteFunc(slices.Clone(cols), func(c table.Column) bool { return c.Name == openColumn })
	return &rows{what: "evaluate " + name + " (columns known when it runs)", cols: append(cols, table.Column{Name: openColumn, Hidden: true})}
}

// early runs parts of a query while the rest of it is being bound.
type early struct {
	ctx      context.Context // of the call of BindAndRun; it does not outlive it
	env      *Env
	optimize bool
	ran      int // deferred parts that have run
	kept     []*sharedRows
	err      error
}

// BindAndRun is Bind for a query that is about to run. Where the columns of the
// rest depend on rows, it runs what gives them. An error of that run comes
// back as err.
func BindAndRun(ctx context.Context, env *Env, optimize bool, q *parser.Query, catalog table.Catalog, fenv *fn.Env, params map[string]Param) (plan *Plan, errs parser.Errors, err error) {
	run := &early{ctx: ctx, env: env, optimize: optimize}
	defer func() {
		if plan == nil || err != nil || errs.Fatal() {
			run.release()
		}
	}()
	b := newBinder(q, catalog, fenv, params)
	b.early = run
	plan, errs = b.bind(q)
	plan.kept = run.kept
	plan.Deferred = plan.Deferred[run.ran:]
	return plan, errs, run.err
}

func (e *early) release() {
	for _, c := range e.kept {
		c.forget()
	}
}

// runEarly runs a part of the query now and calls each for its rows. It returns
// a node that gives the rows again; nil where the binder may not run anything,
// or where the run failed.
func (b *Binder) runEarly(n Node, each func(*vec.Batch)) Node {
	e := b.early
	if e == nil || e.err != nil {
		return nil
	}
	for ; e.ran < len(b.deferred); e.ran++ {
		if e.err = b.deferred[e.ran].run(e.ctx, e.env, e.optimize); e.err != nil {
			return nil
		}
	}
	e.kept = append(e.kept, (&Plan{Results: []Result{{Node: n}}}).sharedCells()...)
	s := &shared{in: finish(n, e.optimize), cell: &sharedRows{}}
	e.kept = append(e.kept, s.cell)
	if e.err = s.run(e.ctx, e.env); e.err == nil {
		e.err = s.cell.each(e.ctx, each)
	}
	if e.err != nil {
		return nil
	}
	return s
}

// found is runEarly for a plugin: it refuses input that changes from run to
// run, and gives open rows with these columns where nothing may run.
func (c *pluginCall) found(n Node, cols []table.Column, each func(*vec.Batch)) Node {
	if readsSlot(n) {
		c.b.fail(c.call.Span(), "TM010", "declare them: evaluate "+c.plugin.Name+"(…) : (Name:type, …)", "the columns that %s() gives cannot be found out within a subquery", c.plugin.Name)
		return nil
	}
	if in := c.b.runEarly(n, each); in != nil {
		return in
	}
	return opened(c.plugin.Name, cols)
}

// readsSlot reports whether a plan is part of another that fills its input.
func readsSlot(n Node) bool {
	if _, ok := n.(*slot); ok {
		return true
	}
	return slices.ContainsFunc(n.Inputs(), readsSlot)
}
