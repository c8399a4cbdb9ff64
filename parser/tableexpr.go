package parser

import "github.com/alecthomas/participle/v2/lexer"

// typeof reads typeof(long), typeof(*) or typeof(a:long, …).
func (r *reader) typeof(l *lexer.PeekingLexer) (Expr, error) {
	first := l.Next()
	t := &Typeof{}
	open := l.Peek()
	err := r.expect(l, "(")
	switch {
	case err != nil:
	case is(l.Peek(), "*"):
		l.Next()
		t.Type = "*"
		if accept(l, ",") {
			err = r.commasOfColumns(l, open, t)
		} else {
			err = r.close(l, open, ")")
		}
	case is(r.peek(l, 1), ")") && l.Peek().Type == tIdent:
		if t.Type, err = r.typeName(l); err == nil {
			err = r.close(l, open, ")")
		}
	default:
		err = r.commasOfColumns(l, open, t)
	}
	t.SetSpan(r.from(l, start(first)))
	return t, err
}

func (r *reader) commasOfColumns(l *lexer.PeekingLexer, open *lexer.Token, t *Typeof) error {
	return r.commas(l, open, ")", true, func() error {
		c, err := r.columnDecl(l)
		t.Columns = append(t.Columns, c)
		return err
	})
}

// datatable reads datatable(a:long, …) [1, …].
func (r *reader) datatable(l *lexer.PeekingLexer) (Expr, error) {
	first := l.Next()
	d := &Datatable{}
	for {
		o, err := r.anyOption(l)
		if err != nil {
			return d, err
		}
		if o == nil {
			break
		}
		d.Options = append(d.Options, o)
	}
	var err error
	if d.Columns, err = r.schema(l); err == nil {
		open := l.Peek()
		if err = r.expect(l, "["); err == nil {
			accept(l, ",")
			err = r.commas(l, open, "]", true, func() error {
				if t := l.Peek(); t.Type == tPunct && !startsValue(t) {
					return r.unexpected(t, literalHint, "a literal or ']'")
				}
				x, err := r.signed(l)
				d.Values = append(d.Values, x)
				return err
			})
		}
	}
	d.SetSpan(r.from(l, start(first)))
	return d, err
}

// externaldata reads externaldata(a:long, …) [uri, …] with (name=value, …).
func (r *reader) externaldata(l *lexer.PeekingLexer) (Expr, error) {
	first := l.Next()
	e := &Externaldata{}
	var err error
	if e.Columns, err = r.schema(l); err != nil {
		return e, err
	}
	open := l.Peek()
	if err = r.expect(l, "["); err == nil {
		err = r.commas(l, open, "]", true, func() error {
			x, err := r.value(l)
			e.URIs = append(e.URIs, x)
			return err
		})
	}
	if err == nil && is(l.Peek(), "with") {
		l.Next()
		e.Options, err = r.withOptions(l)
	}
	e.SetSpan(r.from(l, start(first)))
	return e, err
}

// entityGroup reads entity_group [cluster("c").database("d"), …].
func (r *reader) entityGroup(l *lexer.PeekingLexer) (Expr, error) {
	first := l.Next()
	g := &EntityGroup{}
	open := l.Next()
	err := r.commas(l, open, "]", false, func() error {
		x, err := r.value(l)
		g.Entities = append(g.Entities, x)
		return err
	})
	g.SetSpan(r.from(l, start(first)))
	return g, err
}

// contextual reads __contextual_datatable id (a:long, …), which Kusto itself
// writes into subqueries.
func (r *reader) contextual(l *lexer.PeekingLexer) (Expr, error) {
	first := l.Next()
	d := &Datatable{}
	x, err := r.value(l)
	d.Context = x
	if err == nil {
		d.Columns, err = r.schema(l)
	}
	d.SetSpan(r.from(l, start(first)))
	return d, err
}
