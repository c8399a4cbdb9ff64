package op

import (
	"tidemark/engine/expr"
	"tidemark/engine/fn"
	"tidemark/engine/vec"
	"tidemark/parser"
	"tidemark/table"
)

// rowRank binds row_rank_dense(term [, restart]) and row_rank_min(…): the
// first counts how often the term changed, the second the rows before its run.
func (b *Binder) rowRank(c *parser.Call, rs *rowScope) expr.Expr {
	name := c.Name.Name
	args, ok := b.windowArgs(c, rs, 1, 2, name+"(term [, restart])")
	if !ok {
		return unknown()
	}
	restart := expr.Expr(expr.NewConst(table.Bool, false))
	if len(args) > 1 {
		if restart, ok = b.typed(c, args, 1, table.Bool); !ok {
			return unknown()
		}
	}
	if args[0].Type() == table.Dynamic {
		b.fail(c.Args[0].Span(), "KS116", "convert it, such as with tostring()", "%s() takes no dynamic", name)
		return unknown()
	}
	dense := name == "row_rank_dense"
	return b.window(name, table.Long, func(a *fn.Args) vec.Column {
		out := make([]int64, a.N)
		row := int64(0) // since the last restart
		for i := range out {
			row++
			switch {
			case i == 0 || isTrue(a.Cols[1], i):
				row, out[i] = 1, 1
			case a.Cols[0].Value(i) == a.Cols[0].Value(i-1):
				out[i] = out[i-1]
			case dense:
				out[i] = out[i-1] + 1
			default:
				out[i] = row
			}
		}
		return vec.Column{Arr: vec.NewInt64s(out, nil)}
	}, args[0], restart)
}

// rowWindowSession binds row_window_session(x, maxFromFirst, maxBetween [,
// restart]): the first value of the session that each row belongs to.
func (b *Binder) rowWindowSession(c *parser.Call, rs *rowScope) expr.Expr {
	args, ok := b.windowArgs(c, rs, 3, 4, "row_window_session(time, maxDistanceFromFirst, maxDistanceBetweenNeighbors [, restart])")
	if !ok {
		return unknown()
	}
	args = append(args, expr.NewConst(table.Bool, false))
	for i, want := range []table.Type{table.Datetime, table.Timespan, table.Timespan, table.Bool} {
		if i < len(c.Args) {
			if args[i], ok = b.typed(c, args, i, want); !ok {
				return unknown()
			}
		}
	}
	restart := args[3]
	return b.window("row_window_session", table.Datetime, sessions, args[0], args[1], args[2], restart)
}

func sessions(a *fn.Args) vec.Column {
	out, valid := make([]int64, a.N), make([]bool, a.N)
	at, longest, gap := a.Cols[0], a.Cols[1], a.Cols[2]
	for i := range out {
		if at.IsNull(i) {
			continue
		}
		valid[i] = true
		v := at.Int64(i)
		starts := i == 0 || !valid[i-1] || isTrue(a.Cols[3], i) ||
			!longest.IsNull(i) && v >= out[i-1]+longest.Int64(i) || !gap.IsNull(i) && v >= at.Int64(i-1)+gap.Int64(i)
		if starts {
			out[i] = v
		} else {
			out[i] = out[i-1]
		}
	}
	return vec.Column{Arr: vec.NewInt64s(out, valid)}
}
