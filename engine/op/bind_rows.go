package op

import (
	"slices"

	"tidemark/engine/expr"
	"tidemark/engine/vec"
	"tidemark/parser"
	"tidemark/table"
)

// datatable binds a table written out.
func (b *Binder) datatable(d *parser.Datatable) Node {
	if d.Context != nil {
		return b.contextual(d)
	}
	cols, ok := b.columnDecls(d.Columns)
	if !ok {
		return nil
	}
	if len(cols) == 0 || len(d.Values)%len(cols) != 0 {
		b.fail(d.Span(), "KS121", "", "a datatable of %d columns cannot hold %d values", len(cols), len(d.Values))
		return nil
	}
	builders := make([]*vec.Builder, len(cols))
	for i, c := range cols {
		builders[i] = vec.NewBuilder(c.Type, len(d.Values)/len(cols))
	}
	for i, v := range d.Values {
		c := cols[i%len(cols)]
		e := b.convert(b.scalar(v, &rowScope{}), c.Type)
		k, isConst := e.(*expr.Const)
		switch {
		case e.Type() == table.Unknown:
			return nil
		case !isConst:
			b.fail(v.Span(), "KS105", "", "the values of a datatable must be known before the query runs")
			return nil
		}
		builders[i%len(cols)].Value(k.Value())
	}
	out := &vec.Batch{N: len(d.Values) / len(cols)}
	for _, x := range builders {
		out.Cols = append(out.Cols, vec.Column{Arr: x.Done()})
	}
	return &rows{cols: cols, batches: []*vec.Batch{out}, what: "datatable"}
}

// columnDecls reads name:type declarations.
func (b *Binder) columnDecls(decls []*parser.ColumnDecl) ([]table.Column, bool) {
	var cols []table.Column
	for _, d := range decls {
		t, ok := table.TypeNamed(d.Type)
		if !ok {
			b.fail(d.Span(), "KS003", "the types are "+table.TypeNameList(), "%s is not a type", d.Type)
			return nil, false
		}
		if slices.ContainsFunc(cols, func(c table.Column) bool { return c.Name == d.Name.Name }) {
			b.fail(d.Name.Span(), "KS202", "", "two columns are named %s", d.Name.Name)
			return nil, false
		}
		cols = append(cols, table.Column{Name: d.Name.Name, Type: t})
	}
	return cols, true
}

// print binds print X, ….
func (b *Binder) print(op *parser.Print) Node {
	p := &projection{b: b, rs: &rowScope{}, rest: true, byPlace: true, auto: func(i, _ int) string { return "print_" + itoa(i) }}
	for _, x := range op.Columns {
		p.add(x)
	}
	one := &rows{what: "print", batches: []*vec.Batch{{N: 1}}}
	return p.node(one)
}

// getschema lists the columns of its input.
func (b *Binder) getschema(in Node) Node {
	cols := visible(in).Columns()
	name, ordinal := vec.NewBuilder(table.String, len(cols)), vec.NewBuilder(table.Long, len(cols))
	data, typ := vec.NewBuilder(table.String, len(cols)), vec.NewBuilder(table.String, len(cols))
	for i, c := range cols {
		name.Str(c.Name)
		ordinal.Int64(int64(i))
		data.Str(c.Type.DotNet())
		typ.Str(c.Type.String())
	}
	return &rows{what: "getschema", cols: []table.Column{
		{Name: "ColumnName", Type: table.String}, {Name: "ColumnOrdinal", Type: table.Long},
		{Name: "DataType", Type: table.String}, {Name: "ColumnType", Type: table.String},
	}, batches: []*vec.Batch{{N: len(cols), Cols: []vec.Column{{Arr: name.Done()}, {Arr: ordinal.Done()}, {Arr: data.Done()}, {Arr: typ.Done()}}}}}
}
