package expr

import (
	"fmt"
	"strings"

	"tidemark/engine/fn"
	"tidemark/engine/vec"
	"tidemark/table"
)

// In is X in (values), in~, !in or !in~. The set is made once: from constants,
// or from a part of the query that has run by then.
type In struct {
	Op  string
	X   Expr
	Set *SetCell

	over *OverDict // shared by clones
	rows rowsSeen
}

// SetCell holds the set of an In; all clones share it.
type SetCell struct {
	Set    *fn.Set
	Values []any // for pruning; nil where the set came from a query or folds case
}

// Type is bool.
func (e *In) Type() table.Type { return table.Bool }

// Clone copies the expression for another goroutine.
func (e *In) Clone() Expr {
	out := e.Walk(Expr.Clone).(*In)
	if e.over != nil {
		out.over = e.over
	}
	return out
}

// Walk rebuilds the expression with X replaced.
func (e *In) Walk(f func(Expr) Expr) Expr {
	return &In{Op: e.Op, X: f(e.X), Set: e.Set, over: &OverDict{}}
}

func (e *In) String() string {
	if e.Set.Values == nil {
		return fmt.Sprintf("(%s %s (…))", e.X, e.Op)
	}
	parts := make([]string, 0, 4)
	for i, v := range e.Set.Values {
		if i == 3 {
			parts = append(parts, "…")
			break
		}
		parts = append(parts, fmt.Sprintf("%v", v))
	}
	return fmt.Sprintf("(%s %s (%s))", e.X, e.Op, strings.Join(parts, ", "))
}

// Eval looks each value up; a dictionary's values once each.
func (e *In) Eval(b *vec.Batch) vec.Column {
	x := e.X.Eval(b)
	look := e.Set.Set.Contains
	if strings.HasPrefix(e.Op, "!") {
		look = e.Set.Set.Lacks
	}
	d, ok := x.Dict()
	if !ok || d.NullN() > 0 {
		if ok {
			x = vec.Column{Arr: x.Flat(b.N)}
		}
		return look(x, b.N)
	}
	if e.over == nil {
		e.over = &OverDict{}
	}
	values := d.Dictionary()
	if !e.rows.enough(values, b) && !e.over.Has(values) {
		return look(vec.Column{Arr: x.Flat(b.N)}, b.N)
	}
	return Spread(e.over.Column(values, table.Bool, look), d)
}

// Predicate is the hint a source may prune by, where there is one.
func (e *In) Predicate() (table.Predicate, bool) {
	c, ok := e.X.(*Column)
	if !ok || e.Op != "in" || e.Set.Values == nil || c.T == table.Dynamic || c.T == table.Decimal {
		return table.Predicate{}, false
	}
	return table.Predicate{Column: c.Index, Op: table.Equal, Values: e.Set.Values}, true
}
