package op

import (
	"strings"

	"tidemark/engine/expr"
	"tidemark/internal/dec"
	"tidemark/parser"
	"tidemark/table"
)

var literalTypes = map[parser.LiteralKind]table.Type{
	parser.BoolLit: table.Bool, parser.IntLit: table.Int, parser.LongLit: table.Long, parser.RealLit: table.Real,
	parser.DecimalLit: table.Decimal, parser.StringLit: table.String, parser.DatetimeLit: table.Datetime,
	parser.TimespanLit: table.Timespan, parser.GuidLit: table.Guid, parser.DynamicLit: table.Dynamic,
}

func (b *Binder) literal(e *parser.Literal) expr.Expr {
	t := literalTypes[e.Kind]
	for _, d := range e.Decimals {
		b.fail(d, "KS215", "write it as a real, or as text in quotes", "a dynamic holds no decimals")
	}
	if e.Null {
		return expr.NewConst(t, nil)
	}
	v, ok := literalValue(e, t, b.env.Now)
	switch {
	case ok:
		return expr.NewConst(t, v)
	case isTyped(e): // Kusto's parser does not look at what is inside
		hint := ""
		if t == table.Datetime {
			hint = "write it as datetime(2024-01-31) or datetime(2024-01-31T23:59:59.5Z)"
		}
		b.warn(e.Span(), "TM105", hint, "%s is not a %s, so this is null", e.Text, t)
		return expr.NewConst(t, nil)
	}
	b.fail(e.Span(), "KS010", "", "%s is not a %s", e.Text, t)
	return unknown()
}

// isTyped reports whether a literal that says no value can only have been
// written as a type and a value, as int(x), and not as a number.
func isTyped(e *parser.Literal) bool {
	return e.Kind != parser.LongLit && e.Kind != parser.RealLit || !strings.ContainsAny(e.Text[:1], "0123456789+-.")
}

func literalValue(e *parser.Literal, t table.Type, now table.Time) (any, bool) {
	switch t {
	case table.Bool:
		return boxed(table.ParseBool(e.Text))
	case table.Int:
		v, ok := table.ParseLong(e.Text)
		return v, ok && v == int64(int32(v))
	case table.Long:
		return boxed(table.ParseLong(e.Text))
	case table.Real:
		return boxed(table.ParseReal(e.Text))
	case table.Decimal:
		return boxed(dec.Parse(e.Text))
	case table.Datetime:
		if e.Text == "now" || e.Text == "" {
			return int64(now), e.Text == "now"
		}
		v, ok := table.ParseTime(looseDate.Replace(e.Text))
		return int64(v), ok
	case table.Timespan:
		v, ok := table.ParseDuration(e.Text)
		return int64(v), ok
	case table.Guid:
		return boxed(table.ParseGuid(e.Text))
	case table.Dynamic:
		if e.Text == "null" {
			return nil, true
		}
	}
	return e.Text, true
}

// looseDate reads what datetime(…) takes besides the forms of todatetime():
// blanks around the hyphens, and commas for hyphens.
var looseDate = strings.NewReplacer(" - ", "-", ", ", "-")

func boxed[T any](v T, ok bool) (any, bool) { return v, ok }
