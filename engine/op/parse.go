package op

import (
	"context"
	"strings"

	"github.com/apache/arrow/go/v15/arrow"

	"tidemark/engine/expr"
	"tidemark/engine/fn"
	"tidemark/engine/vec"
	"tidemark/parser"
	"tidemark/table"
)

// parseText takes columns out of a text: parse and parse-where, by a pattern,
// and parse-kv, by keys.
// See https://learn.microsoft.com/kusto/query/parse-operator
type parseText struct {
	in      Node
	x       expr.Expr // a string
	pattern extractor
	// out says where each column comes from: a column of the input, or capture
	// -1-i of the pattern.
	out  []int
	cols []table.Column
	drop bool // parse-where: rows that do not match are dropped
}

// extractor is what takes values out of texts.
type extractor interface {
	parse(texts []string) parsed
	describe(x string) string // for plans
}

func (p *parseText) Columns() []table.Column { return p.cols }
func (p *parseText) Inputs() []Node          { return []Node{p.in} }

func (p *parseText) WithInputs(in []Node) Node {
	out := *p
	out.in = in[0]
	return &out
}

func (p *parseText) String() string {
	text := p.pattern.describe(p.x.String())
	if p.drop {
		return "parse-where" + strings.TrimPrefix(text, "parse")
	}
	return text
}

// Prune drops columns of the input that nobody reads, and the whole step where
// nobody reads what it takes out.
func (p *parseText) Prune(need []bool) Node {
	used := make([]bool, len(p.in.Columns()))
	captures := p.drop
	for i, o := range p.out {
		if !need[i] {
			continue
		}
		if o >= 0 {
			used[o] = true
		} else {
			captures = true
		}
	}
	if captures {
		expr.Columns(p.x, used)
	}
	to := renumber(used)
	in := p.in.Prune(used)
	if !captures {
		// What is left are columns of the input, in its order, for captures only
		// replace columns in place or come after.
		return in
	}
	out := &parseText{in: in, x: expr.Remap(p.x, to), pattern: p.pattern, cols: pick(p.cols, need), drop: p.drop}
	for _, o := range pick(p.out, need) {
		if o >= 0 {
			o = to[o]
		}
		out.out = append(out.out, o)
	}
	return out
}

func (p *parseText) Open(ctx context.Context, env *Env) (Stream, error) {
	in, err := p.in.Open(ctx, env)
	if err != nil {
		return nil, err
	}
	return p.stream(in), nil
}

func (p *parseText) OpenN(ctx context.Context, env *Env, n int) ([]Stream, error) {
	return wrapN(ctx, env, n, p.in, p.stream)
}

func (p *parseText) stream(in Stream) Stream {
	return &parseStream{Stream: in, node: p, x: p.x.Clone()}
}

type parseStream struct {
	Stream
	node *parseText
	x    expr.Expr
	memo parsed
	dict arrow.Array // the dictionary that memo is of
	rows int         // rows seen with it
}

// parsed are the captures for some texts, a row a text.
type parsed struct {
	cols    []vec.Column
	matched vec.Column // bool
}

func (s *parseStream) Next(ctx context.Context) (*vec.Batch, error) {
	b, err := s.Stream.Next(ctx)
	if err != nil {
		return nil, err
	}
	found := s.parse(s.x.Eval(b), b.N)
	out := &vec.Batch{N: b.N, Cols: make([]vec.Column, len(s.node.out))}
	for i, o := range s.node.out {
		if o >= 0 {
			out.Cols[i] = b.Cols[o]
		} else {
			out.Cols[i] = found.cols[-1-o]
		}
	}
	if s.node.drop && b.N > 0 {
		if pass := vec.Selected(found.matched, b.N); len(pass) < b.N {
			out = out.Gather(pass)
		}
	}
	return out, nil
}

// parse applies the pattern to n texts, once per distinct value where they are
// a dictionary that is not much larger than the rows seen with it.
func (s *parseStream) parse(c vec.Column, n int) parsed {
	p := s.node.pattern
	if c.Const {
		found := p.parse(vec.StringSlice(c.Arr))
		for i := range found.cols {
			found.cols[i].Const = true
		}
		found.matched.Const = true
		return found
	}
	d, ok := c.Dict()
	if !ok || d.NullN() > 0 {
		return p.parse(vec.StringSlice(c.Arr))
	}
	values := d.Dictionary()
	if s.dict == nil || !vec.SameArray(s.dict, values) {
		s.dict, s.memo, s.rows = values, parsed{}, 0
	}
	if s.memo.cols == nil {
		if s.rows += n; values.Len() > 4*s.rows {
			return p.parse(vec.StringSlice(c.Arr))
		}
		s.memo = p.parse(vec.StringSlice(values))
	}
	out := parsed{matched: expr.Spread(s.memo.matched, d), cols: make([]vec.Column, len(s.memo.cols))}
	for i, m := range s.memo.cols {
		out.cols[i] = expr.Spread(m, d)
	}
	return out
}

// parse applies the pattern to texts.
func (p *pattern) parse(texts []string) parsed {
	n := len(texts)
	found := make([][]string, len(p.types))
	for i := range found {
		found[i] = make([]string, n)
	}
	matched := make([]bool, n)
	row := make([]string, len(p.types))
	for i, s := range texts {
		clear(row)
		if matched[i] = p.match(s, row); matched[i] {
			for k, v := range row {
				found[k][i] = v
			}
		}
	}
	out := parsed{cols: make([]vec.Column, len(p.types))}
	for k, t := range p.types {
		if t == table.String {
			continue
		}
		out.cols[k] = convertTexts(found[k], matched, t)
		if p.strict { // a value that is not of the column's type is no match
			for i := range matched {
				matched[i] = matched[i] && !out.cols[k].IsNull(i)
			}
		}
	}
	for k, t := range p.types {
		out.cols[k] = onlyMatched(t, found[k], out.cols[k], matched)
	}
	out.matched = vec.Column{Arr: vec.NewBools(matched, nil)}
	return out
}

// onlyMatched is a capture's column, null or empty where the row does not match.
func onlyMatched(t table.Type, texts []string, c vec.Column, matched []bool) vec.Column {
	if t == table.String {
		for i, ok := range matched {
			if !ok {
				texts[i] = ""
			}
		}
		return vec.Column{Arr: vec.NewStrings(texts, nil)}
	}
	for i, ok := range matched {
		if !ok && !c.IsNull(i) {
			b := vec.NewBuilder(t, len(matched))
			for j, ok := range matched {
				if ok {
					b.From(c, j)
				} else {
					b.Null()
				}
			}
			return vec.Column{Arr: b.Done()}
		}
	}
	return c
}

// convertTexts reads texts as values of a type; null where one is none.
func convertTexts(texts []string, valid []bool, t table.Type) vec.Column {
	kernel, ok := fn.Converter(table.String, t)
	if !ok {
		return vec.Column{Arr: vec.Nulls(t.Arrow(), len(texts))}
	}
	trimmed := make([]string, len(texts))
	for i, s := range texts {
		trimmed[i] = strings.TrimSpace(s)
	}
	in := vec.Column{Arr: vec.NewStrings(trimmed, valid)}
	out := kernel(&fn.Args{N: len(texts), Cols: []vec.Column{in}, Types: []table.Type{table.String}})
	return vec.Column{Arr: out.Flat(len(texts))}
}

// parseOperator binds parse and parse-where.
func (b *Binder) parseOperator(in Node, op *parser.ParseOperator) Node {
	rs := &rowScope{cols: in.Columns()}
	x := b.scalar(op.X, rs)
	p, ok := b.parsePattern(op)
	if !ok || x.Type() == table.Unknown {
		return nil
	}
	n := &parseText{in: windowed(in, []expr.Expr{x}), x: b.convert(x, table.String), pattern: p.pattern, drop: op.Where}
	n.cols, n.out = replaced(in.Columns(), p.cols)
	return n
}

// replaced adds columns to those of an input, in place of those of the same
// name. It returns the place that each column comes from: -1-i for new ones.
func replaced(in, added []table.Column) (cols []table.Column, from []int) {
	for i, c := range in {
		cols, from = append(cols, c), append(from, i)
	}
	for i, c := range added {
		if at, ok := (&rowScope{cols: cols}).find(c.Name); ok {
			cols[at], from[at] = c, -1-i
			continue
		}
		cols, from = append(cols, c), append(from, -1-i)
	}
	return cols, from
}
