package op

import (
	"cmp"
	"slices"
	"strings"

	"tidemark/engine/expr"
	"tidemark/engine/fn"
	"tidemark/parser"
	"tidemark/table"
)

// projection collects the columns of project, print, and the like.
type projection struct {
	b     *Binder
	rs    *rowScope
	auto  func(place, unnamed int) string // the name of a column without one
	cols  []table.Column
	exprs []expr.Expr
	named []bool // given by the user: the same name twice is an error
	count int    // unnamed so far
	rest  bool   // whether columns of a call beyond those that were named come too
	// byPlace names a column by its place where its expression would name it:
	// print knows no columns that names could come from.
	byPlace bool
}

func (p *projection) node(in Node) Node { return &project{in: in, cols: p.cols, exprs: p.exprs} }

func (p *projection) has(name string) int {
	return slices.IndexFunc(p.cols, func(c table.Column) bool { return c.Name == name })
}

// add binds one item of the list.
func (p *projection) add(x parser.Expr) {
	switch x := x.(type) {
	case *parser.Star, *parser.Wildcard:
		for i, c := range p.rs.cols {
			if matches(x, c) && p.has(c.Name) < 0 {
				p.append(c.Name, &expr.Column{Index: i, T: c.Type, Name: c.Name}, true)
			}
		}
		return
	case *parser.Named:
		if len(x.Names) > 1 {
			p.destructure(x)
			return
		}
		e := p.b.scalar(x.X, p.rs)
		if parts := p.partsOf(x.X, e); parts != nil {
			p.destructure(x)
			return
		}
		p.declare(x.Names[0].Name, x.Names[0].Span(), e)
		return
	case *parser.Name:
		if p.byPlace {
			break
		}
		p.declare(x.Name, x.Span(), p.b.scalar(x, p.rs))
		return
	}
	e := p.b.scalar(x, p.rs)
	if parts := p.partsOf(x, e); parts != nil {
		for i, c := range parts {
			p.unnamed(c.Name, p.b.part(e, i, c.Type, x))
		}
		return
	}
	if p.byPlace {
		p.unnamed("", e)
		return
	}
	p.unnamed(resultName(x), e)
}

// unnamed adds a column under a name that was not chosen by the user.
func (p *projection) unnamed(name string, e expr.Expr) {
	if name == "" {
		p.count++
		name = p.auto(len(p.cols), p.count)
	}
	p.append(p.unique(name), e, false)
}

// partsOf are the columns of a call that gives several at once; nil for others.
func (p *projection) partsOf(x parser.Expr, e expr.Expr) []table.Column {
	c, ok := x.(*parser.Call)
	if !ok || e.Type() != table.Dynamic || !fn.HasTuple(c.Name.Name) {
		return nil
	}
	types := make([]table.Type, len(c.Args))
	for i, a := range c.Args {
		types[i] = p.b.scalar(a, p.rs).Type()
	}
	var out []table.Column
	for _, part := range fn.Tuple(c.Name.Name, types) {
		name := resultName(c.Args[part.Arg])
		if part.Prefix == "" {
			name = cmp.Or(name, "array"+itoa(part.Arg))
		}
		out = append(out, table.Column{Name: part.Prefix + name + part.Suffix, Type: part.Type})
	}
	return out
}

// part is one part of the array that a call with several results gives.
func (b *Binder) part(e expr.Expr, i int, t table.Type, at parser.Expr) expr.Expr {
	return b.convert(b.member(e, expr.NewConst(table.Long, int64(i)), at), t)
}

// declare adds a column under a name that the user chose.
func (p *projection) declare(name string, at parser.Span, e expr.Expr) {
	if i := p.has(name); i >= 0 {
		if p.named[i] {
			p.b.fail(at, "KS202", "", "a column named %s is already there", name)
			return
		}
		name = p.unique(name)
	}
	p.append(name, e, true)
}

// destructure binds (a, b) = X: the elements of an array.
func (p *projection) destructure(x *parser.Named) {
	whole := p.b.scalar(x.X, p.rs)
	parts := p.partsOf(x.X, whole)
	for i, n := range x.Names {
		e := whole
		if i < len(parts) {
			e = p.b.part(whole, i, parts[i].Type, x.X)
		} else if whole.Type() == table.Dynamic {
			e = p.b.member(whole, expr.NewConst(table.Long, int64(i)), x.X)
		}
		p.declare(n.Name, n.Span(), e)
	}
	if !p.rest {
		return
	}
	for i := len(x.Names); i < len(parts); i++ {
		p.unnamed(parts[i].Name, p.b.part(whole, i, parts[i].Type, x.X))
	}
}

func (p *projection) append(name string, e expr.Expr, named bool) {
	p.cols = append(p.cols, table.Column{Name: name, Type: e.Type()})
	p.exprs = append(p.exprs, e)
	p.named = append(p.named, named)
}

// unique puts a number after a name that is taken.
func (p *projection) unique(name string) string { return uniqueName(p.cols, name) }

func uniqueName(cols []table.Column, name string) string {
	taken := func(n string) bool {
		return slices.ContainsFunc(cols, func(c table.Column) bool { return c.Name == n })
	}
	if !taken(name) {
		return name
	}
	for i := 1; ; i++ {
		if n := name + itoa(i); !taken(n) {
			return n
		}
	}
}

func columnN(_, unnamed int) string { return "Column" + itoa(unnamed) }

// windowed puts the input into one batch where an expression needs that.
func windowed(in Node, exprs []expr.Expr) Node {
	if slices.ContainsFunc(exprs, expr.IsWindow) {
		if _, ok := in.(*whole); !ok {
			return &whole{in: in}
		}
	}
	return in
}

func (b *Binder) project(in Node, op *parser.Project) Node {
	p := &projection{b: b, rs: rowsOver(in), auto: columnN, rest: true}
	for _, x := range op.Columns {
		p.add(x)
	}
	return p.node(windowed(in, p.exprs))
}

// extend binds extend and serialize: columns of the same name are replaced in
// place, others are added.
func (b *Binder) extend(in Node, items []parser.Expr) Node {
	if len(items) == 0 {
		return in
	}
	added := &projection{b: b, rs: rowsOver(in), auto: columnN}
	out := &projection{cols: slices.Clone(in.Columns()), exprs: columnRefs(in.Columns())}
	for _, x := range items {
		before := len(added.cols)
		added.add(x)
		for i := before; i < len(added.cols); i++ {
			c := added.cols[i]
			if strings.HasPrefix(c.Name, "Column") && !added.named[i] {
				c.Name = uniqueName(out.cols, c.Name)
			}
			if at := out.has(c.Name); at >= 0 {
				out.cols[at], out.exprs[at] = c, added.exprs[i]
				continue
			}
			out.cols, out.exprs = append(out.cols, c), append(out.exprs, added.exprs[i])
		}
	}
	return &project{in: windowed(in, out.exprs), cols: out.cols, exprs: out.exprs}
}

// matches reports whether a name, wildcard or star of a project-like operator
// means a column.
func matches(x parser.Expr, c table.Column) bool {
	switch x := x.(type) {
	case *parser.Star:
		return !c.Hidden
	case *parser.Name:
		return x.Name == c.Name
	case *parser.Wildcard:
		return !c.Hidden && glob(x.Pattern, c.Name)
	}
	return false
}

// glob reports whether a name fits a pattern in which * stands for any text.
func glob(pattern, name string) bool {
	parts := strings.Split(pattern, "*")
	if !strings.HasPrefix(name, parts[0]) {
		return false
	}
	name = name[len(parts[0]):]
	for i, p := range parts[1:] {
		if i == len(parts)-2 {
			return strings.HasSuffix(name, p)
		}
		at := strings.Index(name, p)
		if at < 0 {
			return false
		}
		name = name[at+len(p):]
	}
	return name == ""
}

// columnsMeant marks the columns that the items mean, and reports those items
// that mean none.
func (b *Binder) columnsMeant(items []parser.Expr, cols []table.Column) []bool {
	meant := make([]bool, len(cols))
	for _, x := range items {
		found := false
		for i, c := range cols {
			if matches(x, c) {
				meant[i], found = true, true
			}
		}
		if n, ok := x.(*parser.Name); ok && !found {
			b.unknownName(n, &rowScope{cols: cols})
		} else if _, wild := x.(*parser.Wildcard); !found && !wild && !ok {
			if _, star := x.(*parser.Star); !star {
				b.fail(x.Span(), "KS109", "", "the name of a column is expected here")
			}
		}
	}
	return meant
}

func (b *Binder) projectAway(in Node, op *parser.ProjectAway) Node {
	meant := b.columnsMeant(op.Columns, in.Columns())
	for i := range meant {
		meant[i] = !meant[i]
	}
	return narrow(in, meant)
}

func (b *Binder) projectKeep(in Node, op *parser.ProjectKeep) Node {
	return narrow(in, b.columnsMeant(op.Columns, in.Columns()))
}

func (b *Binder) projectRename(in Node, op *parser.ProjectRename) Node {
	old := in.Columns()
	cols := slices.Clone(old)
	for _, x := range op.Columns {
		named, ok := x.(*parser.Named)
		if !ok || len(named.Names) != 1 {
			b.fail(x.Span(), "KS109", "usage: project-rename New = Old, …", "a new name is expected here")
			continue
		}
		from, ok := named.X.(*parser.Name)
		if !ok {
			b.fail(named.X.Span(), "KS109", "", "the name of a column is expected here")
			continue
		}
		i, ok := (&rowScope{cols: old}).find(from.Name)
		if !ok {
			b.unknownName(from, &rowScope{cols: old})
			continue
		}
		cols[i].Name, cols[i].Hidden = named.Names[0].Name, false
	}
	for i, c := range cols {
		if (&rowScope{cols: cols[:i]}).has(c.Name) {
			b.fail(op.Span(), "KS202", "", "two columns would be named %s", c.Name)
			return in
		}
	}
	return &project{in: in, cols: cols, exprs: columnRefs(old)}
}

func (rs *rowScope) has(name string) bool {
	_, ok := rs.find(name)
	return ok
}

func (b *Binder) projectReorder(in Node, op *parser.ProjectReorder) Node {
	cols := in.Columns()
	var order []int
	seen := make([]bool, len(cols))
	for _, item := range op.Columns {
		b.columnsMeant([]parser.Expr{item.X}, cols)
		var found []int
		for i, c := range cols {
			if !seen[i] && matches(item.X, c) {
				found = append(found, i)
				seen[i] = true
			}
		}
		orderNames(found, cols, item.Order)
		order = append(order, found...)
	}
	for i := range cols {
		if !seen[i] {
			order = append(order, i)
		}
	}
	out := &project{in: in}
	for _, i := range order {
		out.cols = append(out.cols, cols[i])
		out.exprs = append(out.exprs, &expr.Column{Index: i, T: cols[i].Type, Name: cols[i].Name})
	}
	return out
}

// orderNames sorts places by the names of their columns; the granny orders
// count digits as numbers.
func orderNames(places []int, cols []table.Column, order string) {
	if order == "" {
		return
	}
	compare := strings.Compare
	if strings.HasPrefix(order, "granny") {
		compare = compareNatural
	}
	slices.SortStableFunc(places, func(a, b int) int {
		d := compare(cols[a].Name, cols[b].Name)
		if strings.HasSuffix(order, "desc") {
			return -d
		}
		return d
	})
}

// compareNatural compares texts so that a20 comes before a100.
func compareNatural(a, b string) int {
	for a != "" && b != "" {
		da, db := digits(a), digits(b)
		if da > 0 && db > 0 {
			x, y := strings.TrimLeft(a[:da], "0"), strings.TrimLeft(b[:db], "0")
			if len(x) != len(y) {
				return len(x) - len(y)
			}
			if d := strings.Compare(x, y); d != 0 {
				return d
			}
			a, b = a[da:], b[db:]
			continue
		}
		if a[0] != b[0] {
			return int(a[0]) - int(b[0])
		}
		a, b = a[1:], b[1:]
	}
	return len(a) - len(b)
}

func digits(s string) int {
	n := 0
	for n < len(s) && s[n] >= '0' && s[n] <= '9' {
		n++
	}
	return n
}
