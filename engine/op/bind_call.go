package op

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"tidemark/engine/agg"
	"tidemark/engine/expr"
	"tidemark/engine/fn"
	"tidemark/engine/vec"
	"tidemark/parser"
	"tidemark/table"
)

func itoa(i int) string { return strconv.Itoa(i) }

// special are the functions that the binder itself must know: they read rows
// other than their own, names of columns, or whole tables.
var special map[string]func(b *Binder, c *parser.Call, rs *rowScope) expr.Expr

func init() {
	special = map[string]func(b *Binder, c *parser.Call, rs *rowScope) expr.Expr{
		"toscalar":         (*Binder).toscalar,
		"column_ifexists":  (*Binder).columnIfExists,
		"columnifexists":   (*Binder).columnIfExists,
		"pack_all":         (*Binder).packAll,
		"bag_pack_columns": (*Binder).packColumns,
		"column_names_of":  (*Binder).columnNamesOf,
		"ingestion_time":   (*Binder).ingestionTime,
		"iscolumnexists":   (*Binder).isColumnExists,
		"bin_auto":         (*Binder).binAuto,
		"cursor_after":     (*Binder).cursor,
		"row_number":       (*Binder).rowNumber,
		"prev":             (*Binder).neighbour,
		"next":             (*Binder).neighbour,
		"row_cumsum":       (*Binder).rowCumsum,

		"cursor_before_or_at": (*Binder).cursor,
		"estimate_data_size":  (*Binder).estimateDataSize,

		"row_rank_dense":     (*Binder).rowRank,
		"row_rank_min":       (*Binder).rowRank,
		"row_window_session": (*Binder).rowWindowSession,
	}
}

// SpecialNames are the names of the functions that the binder itself knows:
// those that give values, those of graph operators, and those that give tables.
func SpecialNames() []string {
	out := []string{"database", "materialize", "table"}
	out = slices.AppendSeq(out, maps.Keys(special))
	out = slices.AppendSeq(out, maps.Keys(graphFunctions))
	slices.Sort(out)
	return out
}

// call binds a call: of a function of the user's, an aggregation where those
// may stand, or a function of the catalogue.
func (b *Binder) call(c *parser.Call, rs *rowScope) expr.Expr {
	name := c.Name.Name
	if ent, ok := b.scope.find(name); ok && ent.fun != nil {
		return b.invokeScalar(ent.fun, c.Args, rs, c.Span())
	}
	if rs.agg != nil {
		if f, ok := agg.Lookup(name); ok {
			return rs.agg.call(f, c)
		}
	}
	if f, ok := graphFunctions[name]; ok && rs.graph != nil {
		return f(b, c, rs)
	}
	if f, ok := special[name]; ok {
		return f(b, c, rs)
	}
	s, ok := fn.Lookup(name)
	if !ok {
		b.unknownFunction(c)
		return unknown()
	}
	args := make([]expr.Expr, len(c.Args))
	bad := false
	for i, a := range c.Args {
		args[i] = b.scalar(a, rs)
		bad = bad || args[i].Type() == table.Unknown
	}
	if bad {
		return unknown()
	}
	return b.apply(s, args, c.Args, c.Name.Span())
}

func (b *Binder) unknownFunction(c *parser.Call) {
	name := c.Name.Name
	if _, ok := graphFunctions[name]; ok {
		b.fail(c.Name.Span(), "KS144", "as in T | make-graph From --> To | graph-match (a)-[e]->(b) where … project …", "the graph function %s() cannot be used outside of graph operators", name)
		return
	}
	if _, ok := agg.Lookup(name); ok {
		b.fail(c.Name.Span(), "KS144", "aggregations stand in summarize", "the aggregation %s() cannot be used here", name)
		return
	}
	if isDatabase(c) || name == "materialize" || name == "table" {
		b.fail(c.Span(), "KS109", "", "a value is expected here, and %s() gives a table", name)
		return
	}
	if why, ok := fn.Absent(name); ok {
		b.fail(c.Name.Span(), "KS211", why, "Tidemark has no function %s()", name)
		return
	}
	names := append(append(fn.Names(), SpecialNames()...), b.scope.all()...)
	b.fail(c.Name.Span(), "KS211", didYouMean(name, names, ".help lists the functions"), "there is no function named %s", name)
}

// arity checks the number of arguments of a special function.
func (b *Binder) arity(c *parser.Call, least, most int, usage string) bool {
	if len(c.Args) >= least && len(c.Args) <= most {
		return true
	}
	b.fail(c.Name.Span(), "KS119", "usage: "+usage, "%s() does not take %d arguments", c.Name.Name, len(c.Args))
	return false
}

// toscalar binds toscalar(T): the first column of the first row, computed once
// before the rest of the query.
func (b *Binder) toscalar(c *parser.Call, rs *rowScope) expr.Expr {
	if !b.arity(c, 1, 1, "toscalar(T | …)") {
		return unknown()
	}
	if !b.isTabular(c.Args[0]) {
		return b.scalar(c.Args[0], rs)
	}
	n := b.tabular(c.Args[0])
	if n == nil {
		return unknown()
	}
	n = visible(n)
	if len(n.Columns()) == 0 {
		b.fail(c.Span(), "KS109", "", "this table has no column to take a value from")
		return unknown()
	}
	t := n.Columns()[0].Type
	out := &expr.Deferred{Cell: &expr.Cell{}, T: t}
	b.deferred = append(b.deferred, &Deferred{Node: &take{in: n, limit: 1}, Set: func(r *rowsOf) error {
		out.Cell.Col, out.Cell.Set = vec.Constant(t, nil), true
		for _, batch := range r.rows.batches {
			if batch.N > 0 {
				out.Cell.Col = vec.Constant(t, batch.Cols[0].Value(0))
				break
			}
		}
		return nil
	}})
	return out
}

// columnIfExists binds column_ifexists("name", default).
func (b *Binder) columnIfExists(c *parser.Call, rs *rowScope) expr.Expr {
	if !b.arity(c, 2, 2, `column_ifexists("Name", default)`) {
		return unknown()
	}
	k, ok := b.scalar(c.Args[0], &rowScope{}).(*expr.Const)
	if !ok || k.T != table.String {
		b.fail(c.Args[0].Span(), "KS141", "", "the name of the column must be a text known before the query runs")
		return unknown()
	}
	fallback := b.scalar(c.Args[1], rs)
	if i, ok := rs.find(k.Value().(string)); ok {
		return &expr.Column{Index: i, T: rs.cols[i].Type, Name: rs.cols[i].Name}
	}
	return fallback
}

func (b *Binder) packAll(c *parser.Call, rs *rowScope) expr.Expr {
	if !b.arity(c, 0, 1, "pack_all([ignore_null_empty])") {
		return unknown()
	}
	skip := false
	if len(c.Args) == 1 {
		k, ok := b.scalar(c.Args[0], rs).(*expr.Const)
		if !ok || k.T != table.Bool {
			b.fail(c.Args[0].Span(), "KS141", "", "true or false is expected here")
			return unknown()
		}
		skip, _ = k.Value().(bool)
	}
	var cols []expr.Expr
	for i, col := range rs.cols {
		if !col.Hidden {
			cols = append(cols, &expr.Column{Index: i, T: col.Type, Name: col.Name})
		}
	}
	return b.pack("pack_all", cols, skip)
}

func (b *Binder) packColumns(c *parser.Call, rs *rowScope) expr.Expr {
	var cols []expr.Expr
	for _, a := range c.Args {
		n, ok := a.(*parser.Name)
		if !ok {
			b.fail(a.Span(), "KS109", "usage: bag_pack_columns(Column, …)", "a column is expected here")
			return unknown()
		}
		x := b.name(n, rs)
		if x.Type() == table.Unknown {
			return unknown()
		}
		cols = append(cols, x)
	}
	return b.pack("bag_pack_columns", cols, false)
}

// pack puts columns into a bag by their names.
func (b *Binder) pack(name string, cols []expr.Expr, skipEmpty bool) expr.Expr {
	names := make([]string, len(cols))
	for i, c := range cols {
		names[i] = c.String()
	}
	o := fn.Rows([]fn.Param{fn.Any}, true, table.Dynamic, func(types []table.Type, row []any) any {
		if !skipEmpty {
			return fn.Pack(names, types, row)
		}
		var n []string
		var t []table.Type
		var v []any
		for i, x := range row {
			if x != nil && x != "" {
				n, t, v = append(n, names[i]), append(t, types[i]), append(v, x)
			}
		}
		return fn.Pack(n, t, v)
	})
	return &expr.Call{Name: name, Args: cols, T: table.Dynamic, Kernel: o.Kernel, Env: b.env}
}

// columnNamesOf binds column_names_of(T): the names as an array.
func (b *Binder) columnNamesOf(c *parser.Call, _ *rowScope) expr.Expr {
	if !b.arity(c, 1, 1, "column_names_of(T)") {
		return unknown()
	}
	n := b.tabular(c.Args[0])
	if n == nil {
		return unknown()
	}
	var names []string
	for _, col := range visible(n).Columns() {
		names = append(names, fn.JSON(table.String, col.Name))
	}
	return expr.NewConst(table.Dynamic, "["+strings.Join(names, ",")+"]")
}

// IngestionColumn is the hidden column that stored tables keep the time of
// ingestion in; ingestion_time() reads it.
const IngestionColumn = "$IngestionTime"

func (b *Binder) ingestionTime(c *parser.Call, rs *rowScope) expr.Expr {
	if !b.arity(c, 0, 0, "ingestion_time()") {
		return unknown()
	}
	if i, ok := rs.find(IngestionColumn); ok {
		return &expr.Column{Index: i, T: table.Datetime, Name: IngestionColumn}
	}
	return expr.NewConst(table.Datetime, nil)
}

// invokeScalar binds a call of a user's function that gives a value: its body,
// with the parameters standing for the arguments.
func (b *Binder) invokeScalar(f *function, args []parser.Expr, rs *rowScope, at parser.Span) expr.Expr {
	if b.isTabularFunction(f) {
		b.fail(at, "KS109", "toscalar(…) takes one value from it", "this function gives a table, and a value is expected here")
		return unknown()
	}
	out := unknown()
	b.invoked(f, nil, args, rs, at, func(last parser.Expr) { out = b.scalar(last, &rowScope{}) })
	return out
}

// invokeTabular binds a call of a user's function that gives a table. first,
// where given, is the table that invoke passes.
func (b *Binder) invokeTabular(f *function, first Node, args []parser.Expr, at parser.Span) Node {
	var out Node
	b.invoked(f, first, args, &rowScope{}, at, func(last parser.Expr) { out = b.tabular(last) })
	return out
}

// invoked binds the arguments, then the body's statements within a scope of
// their own, and hands the last expression to f.
func (b *Binder) invoked(f *function, first Node, args []parser.Expr, rs *rowScope, at parser.Span, body func(parser.Expr)) {
	names := map[string]entity{}
	if !b.arguments(f, first, args, rs, at, names) {
		return
	}
	if f.stored != nil {
		leave, ok := b.enter(f.stored, at)
		if !ok {
			return
		}
		defer leave()
	}
	b.inside(f, names, at, body)
}

// inside binds the body of a function whose parameters stand for names.
func (b *Binder) inside(f *function, names map[string]entity, at parser.Span, body func(parser.Expr)) {
	stmts := f.decl.Body.Statements
	if len(stmts) == 0 {
		b.fail(at, "KS109", "", "this function has no body")
		return
	}
	last, ok := stmts[len(stmts)-1].(*parser.ExprStatement)
	if !ok {
		b.fail(at, "KS109", "", "the body of this function does not end with an expression")
		return
	}
	if b.depth++; b.depth > 4*maxDepth {
		b.depth--
		b.fail(at, "TM004", "", "functions are nested too deep here")
		return
	}
	b.within(f.scope, func() {
		b.scope.names = names
		for _, s := range stmts[:len(stmts)-1] {
			b.statement(s)
		}
		body(last.X)
	})
	b.depth--
}

// arguments binds what a call passes to a user's function, by place or by
// name, with defaults for the rest.
func (b *Binder) arguments(f *function, first Node, args []parser.Expr, rs *rowScope, at parser.Span, names map[string]entity) bool {
	params := f.decl.Params
	given := map[string]parser.Expr{}
	place := 0
	if first != nil && len(params) > 0 {
		names[params[0].Name.Name] = entity{node: first}
		place = 1
	}
	for _, a := range args {
		if n, ok := a.(*parser.Named); ok && len(n.Names) == 1 {
			given[n.Names[0].Name] = n.X
			continue
		}
		for place < len(params) && given[params[place].Name.Name] != nil {
			place++
		}
		if place >= len(params) {
			b.fail(a.Span(), "KS119", f.usage(), "this function takes %d arguments", len(params))
			return false
		}
		given[params[place].Name.Name] = a
		place++
	}
	for i, p := range params {
		if i == 0 && first != nil {
			continue
		}
		before := len(b.errs)
		ent, ok := b.argument(p, given[p.Name.Name], rs, at)
		if f.stored != nil && given[p.Name.Name] == nil && p.Default != nil {
			b.blame(f.stored, before, at)
		}
		if !ok {
			return false
		}
		names[p.Name.Name] = ent
	}
	return true
}

func (b *Binder) argument(p *parser.Param, given parser.Expr, rs *rowScope, at parser.Span) (entity, bool) {
	if given == nil {
		given = p.Default
	}
	if given == nil {
		b.fail(at, "KS119", "", "the argument %s is missing", p.Name.Name)
		return entity{}, false
	}
	if p.Type == "" {
		n := b.tabular(given)
		if n == nil {
			return entity{}, false
		}
		for _, d := range p.Columns {
			if !slices.ContainsFunc(n.Columns(), func(c table.Column) bool { return c.Name == d.Name.Name }) {
				b.fail(given.Span(), "KS142", "", "the table passed for %s has no column named %s", p.Name.Name, d.Name.Name)
				return entity{}, false
			}
		}
		return entity{node: n}, true
	}
	t, ok := table.TypeNamed(p.Type)
	if !ok {
		b.fail(p.Span(), "KS003", "the types are "+table.TypeNameList(), "%s is not a type", p.Type)
		return entity{}, false
	}
	e := b.scalar(given, rs)
	if e.Type() == table.Unknown {
		return entity{}, false
	}
	return entity{scalar: b.convert(e, t)}, true
}

// invoke binds T | invoke f(…).
func (b *Binder) invoke(in Node, op *parser.Invoke) Node {
	ent, ok := b.scope.find(op.Call.Name.Name)
	if !ok || ent.fun == nil {
		b.fail(op.Call.Name.Span(), "KS211", didYouMean(op.Call.Name.Name, b.scope.all(), "define it with let"), "there is no function named %s", op.Call.Name.Name)
		return nil
	}
	return b.invokeTabular(ent.fun, in, op.Call.Args, op.Call.Span())
}
