package op

import (
	"github.com/apache/arrow/go/v15/arrow/array"

	"tidemark/engine/expr"
	"tidemark/engine/fn"
	"tidemark/engine/vec"
	"tidemark/table"
)

// Predicates turns conditions into hints that a source may prune by: those on
// one column, and ands and ors of such.
func Predicates(conds []expr.Expr) []table.Predicate {
	var out []table.Predicate
	for _, c := range conds {
		if p, ok := hint(c); ok {
			out = append(out, p)
		}
	}
	return out
}

// hint is what a condition asks of the rows, or of some column of them.
func hint(e expr.Expr) (table.Predicate, bool) {
	if l, ok := e.(*expr.Logic); ok {
		return hintOfParts(l)
	}
	p, ok := predicate(e)
	c := onlyColumn(e)
	if c == nil || c.T != table.String || !settled(e) {
		return p, ok // whose values are other than texts, or may be null
	}
	if !ok {
		if p, ok = anyTerm(e, c); ok {
			return p, true
		}
		p = table.Predicate{Column: c.Index, Op: table.Matches, Values: needs(e)}
	}
	if p.Op != table.Equal {
		p.Match, p.Same = matchOf(e, c.Index), sameAs(e)
	}
	return p, true
}

// sameAs names a comparison of a column with a text that is known: function,
// type and text are all that its values' verdicts depend on.
func sameAs(e expr.Expr) string {
	c, ok := e.(*expr.Call)
	if !ok || len(c.Args) != 2 {
		return ""
	}
	_, v, ok := columnAndValue(c.Args[0], c.Args[1])
	text, isText := v.(string)
	if !ok || !isText {
		return ""
	}
	return c.Name + " " + c.Args[1].Type().String() + " " + text
}

// hintOfParts takes a condition of many parts apart. An and is worth telling
// of where one part is, an or where all are.
func hintOfParts(l *expr.Logic) (table.Predicate, bool) {
	out := table.Predicate{Op: table.Or}
	if l.And {
		out.Op = table.And
	}
	for _, part := range flatten(l, l.And) {
		p, ok := hint(part)
		switch {
		case ok:
			out.Of = append(out.Of, p)
		case !l.And:
			return table.Predicate{}, false
		}
	}
	return out, len(out.Of) > 0
}

// onlyColumn is the one column that e reads, nil where it reads others or none.
func onlyColumn(e expr.Expr) (only *expr.Column) {
	many := false
	expr.Any(e, func(x expr.Expr) bool {
		if c, ok := x.(*expr.Column); ok {
			many = many || only != nil && only.Index != c.Index
			only = c
		}
		return false
	})
	if many {
		return nil
	}
	return only
}

// settled reports that e gives the same for equal values, now and later.
func settled(e expr.Expr) bool {
	return !expr.Any(e, func(x expr.Expr) bool {
		d, ok := x.(*expr.Deferred)
		return ok && !d.Cell.Set || isVolatile(x)
	})
}

// matchOf evaluates a condition over values of its column.
func matchOf(e expr.Expr, column int) func(*array.String) []bool {
	e = e.Clone() // that no stream evaluates
	return func(values *array.String) (pass []bool) {
		defer func() {
			if recover() != nil { // rows will show why, if any gets here
				pass = nil
			}
		}()
		in := &vec.Batch{Cols: make([]vec.Column, column+1), N: values.Len()}
		in.Cols[column] = vec.Column{Arr: values}
		pass = make([]bool, in.N)
		for _, i := range vec.Selected(e.Clone().Eval(in), in.N) {
			pass[i] = true
		}
		return pass
	}
}

// needs are texts that a value must contain, whatever its case, to satisfy e.
func needs(e expr.Expr) []any {
	c, ok := e.(*expr.Call)
	if !ok || len(c.Args) != 2 {
		return nil
	}
	_, v, ok := columnAndValue(c.Args[0], c.Args[1])
	text, isText := v.(string)
	if !ok || !isText {
		return nil
	}
	switch c.Name {
	case "hasprefix", "hasprefix_cs", "hassuffix", "hassuffix_cs", "endswith", "endswith_cs", "=~":
		return []any{text}
	case "matches regex":
		if need := fn.RegexNeeds(text); need != "" {
			return []any{need}
		}
	}
	return nil
}

// anyTerm is has_any as an or of terms.
func anyTerm(e expr.Expr, column *expr.Column) (table.Predicate, bool) {
	c, ok := e.(*expr.Call)
	if !ok || c.Name != "has_any" || c.Args[0] != expr.Expr(column) {
		return table.Predicate{}, false
	}
	out := table.Predicate{Op: table.Or}
	for _, a := range c.Args[1:] {
		k, ok := a.(*expr.Const)
		if !ok {
			return table.Predicate{}, false
		}
		for _, text := range fn.Texts(k.T, k.Value()) {
			test := fn.Matcher("has", text)
			out.Of = append(out.Of, table.Predicate{Column: column.Index, Op: table.Has, Values: []any{text},
				Match: func(values *array.String) []bool {
					pass := make([]bool, values.Len())
					for i := range pass {
						pass[i] = test(values.Value(i))
					}
					return pass
				}})
		}
	}
	return out, len(out.Of) > 0
}

var relations = map[string]table.PredicateOp{
	"==": table.Equal, "<": table.Less, "<=": table.LessEqual, ">": table.Greater, ">=": table.GreaterEqual,
	"contains": table.Contains, "contains_cs": table.Contains, "has": table.Has, "has_cs": table.Has,
	"startswith": table.HasPrefix, "startswith_cs": table.HasPrefix,
}

var mirrored = map[table.PredicateOp]table.PredicateOp{
	table.Equal: table.Equal, table.Less: table.Greater, table.LessEqual: table.GreaterEqual,
	table.Greater: table.Less, table.GreaterEqual: table.LessEqual,
}

func predicate(e expr.Expr) (table.Predicate, bool) {
	switch e := e.(type) {
	case *expr.In:
		return e.Predicate()
	case *expr.Call:
		rel, ok := relations[e.Name]
		if !ok || len(e.Args) != 2 {
			return table.Predicate{}, false
		}
		if col, v, ok := columnAndValue(e.Args[0], e.Args[1]); ok {
			return table.Predicate{Column: col, Op: rel, Values: []any{v}}, true
		}
		back, ok := mirrored[rel]
		if !ok {
			return table.Predicate{}, false
		}
		if col, v, ok := columnAndValue(e.Args[1], e.Args[0]); ok {
			return table.Predicate{Column: col, Op: back, Values: []any{v}}, true
		}
	}
	return table.Predicate{}, false
}

func columnAndValue(a, b expr.Expr) (int, any, bool) {
	col, ok := a.(*expr.Column)
	if !ok || col.T == table.Decimal || col.T == table.Dynamic {
		return 0, nil, false
	}
	v := sameForAll(b)
	return col.Index, v, v != nil && b.Type().Physical() == col.T.Physical()
}

// sameForAll is the value of what is the same for all rows, such as
// toscalar(…) - 1h, whose part has run by now; nil of all else.
func sameForAll(e expr.Expr) (v any) {
	if c, ok := e.(*expr.Const); ok {
		return c.Value()
	}
	if !settled(e) || expr.Any(e, func(x expr.Expr) bool { _, ok := x.(*expr.Column); return ok }) {
		return nil
	}
	defer func() {
		if recover() != nil { // rows will show why, if any gets here
			v = nil
		}
	}()
	return e.Clone().Eval(&vec.Batch{N: 1}).Value(0)
}
