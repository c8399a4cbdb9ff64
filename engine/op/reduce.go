package op

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"unicode"

	"tidemark/engine/expr"
	"tidemark/engine/vec"
	"tidemark/parser"
	"tidemark/table"
)

// reduce binds reduce by: it groups texts that are alike and shows what they
// have in common. The documentation does not say how; this goes by it: texts
// are split into words, and a text joins the group of as many words that
// shares the most with it, if that is at least the threshold's part of them.
// Words that differ within a group become a *.
// See https://learn.microsoft.com/kusto/query/reduce-operator
func (b *Binder) reduce(in Node, op *parser.Reduce) Node {
	in = visible(in)
	rs := &rowScope{cols: in.Columns()}
	by := b.scalar(op.By, rs)
	switch by.Type() {
	case table.Unknown:
		return nil
	case table.Dynamic:
		by = b.convert(by, table.String)
	case table.String:
	default:
		b.fail(op.By.Span(), "KS141", "convert it with tostring()", "reduce groups texts, and this is a %s", by.Type())
		return nil
	}
	r := &reducer{threshold: 0.1}
	for _, o := range op.Options {
		switch o.Name {
		case "kind":
			if r.source = o.Word() == "source"; !r.source {
				b.fail(o.Span(), "KS005", "the only kind is source", "there is no kind of reduce named %s", o.Word())
				return nil
			}
		case "threshold":
			k := b.constant(o.Value)
			if k == nil {
				return nil
			}
			v, ok := k.Value(), false
			if c, isConst := b.convert(k, table.Real).(*expr.Const); isConst {
				v = c.Value()
			}
			if r.threshold, ok = v.(float64); !ok || r.threshold < 0 || r.threshold > 1 {
				b.fail(o.Span(), "KS141", "", "the threshold is a number from 0 to 1")
				return nil
			}
		case "characters":
			r.characters = o.Word()
		}
	}
	added := []table.Column{{Name: "Pattern", Type: table.String}, {Name: "Count", Type: table.Long}, {Name: "Representative", Type: table.String}}
	n := &pluginNode{name: "reduce", cols: added, run: r.run}
	cols := []table.Column{{Name: "$by", Type: table.String}}
	exprs := []expr.Expr{by}
	if r.source {
		n.cols = slices.Clone(in.Columns())
		for _, c := range added {
			c.Name = uniqueName(n.cols, c.Name)
			n.cols = append(n.cols, c)
		}
		cols, exprs = append(cols, in.Columns()...), append(exprs, columnRefs(in.Columns())...)
	}
	n.in = &project{in: windowed(in, exprs), cols: cols, exprs: exprs}
	return n
}

type reducer struct {
	threshold  float64
	characters string
	source     bool // rows stay, with their pattern
}

// wordGroup is a group of texts. Its words are those of its first text; each
// is followed by what parts it from the next.
type wordGroup struct {
	words   []string
	gaps    []string // before each word, and after the last
	varies  []bool
	count   int64
	example string
	pattern string
}

func (r *reducer) run(ctx context.Context, _ *Env, b *vec.Batch) (*vec.Batch, error) {
	by := vec.NewGrouper([]table.Type{table.String})
	ids := by.IDs(b.Cols[:1], b.N)
	counts := make([]int64, by.Len())
	for _, id := range ids {
		counts[id]++
	}
	var texts []string
	if by.Len() > 0 {
		texts = vec.StringSlice(by.Keys()[0].Flat(by.Len()))
	}
	groups, of, err := r.group(ctx, texts, counts)
	if err != nil {
		return nil, err
	}
	others := &wordGroup{pattern: "others"}
	for i, g := range groups {
		if g.count == 1 && b.N > 1 { // alone: it has a pattern with nothing
			others.count++
			groups[i] = others
			continue
		}
		g.finish(r.characters)
	}
	if r.source {
		out := newBuilders([]table.Column{{Type: table.String}, {Type: table.Long}, {Type: table.String}}, b.N)
		for _, id := range ids {
			g := groups[of[id]]
			out.add(g.pattern, g.count, g.example)
		}
		return &vec.Batch{N: b.N, Cols: append(slices.Clone(b.Cols[1:]), out.batch().Cols...)}, nil
	}
	groups = slices.DeleteFunc(groups, func(g *wordGroup) bool { return g == others })
	slices.SortStableFunc(groups, func(l, r *wordGroup) int { return cmp.Compare(r.count, l.count) })
	if others.count > 0 {
		groups = append(groups, others)
	}
	out := newBuilders([]table.Column{{Type: table.String}, {Type: table.Long}, {Type: table.String}}, len(groups))
	for _, g := range groups {
		out.add(g.pattern, g.count, g.example)
	}
	return out.batch(), nil
}

// group puts each text into a group and says which.
func (r *reducer) group(ctx context.Context, texts []string, counts []int64) (groups []*wordGroup, of []int, err error) {
	bySize := map[int][]int{}
	of = make([]int, len(texts))
	for i, text := range texts {
		if i%256 == 0 && ctx.Err() != nil {
			return nil, nil, ctx.Err()
		}
		words, gaps := splitWords(text, r.characters)
		best, most := -1, 0
		for _, at := range bySize[len(words)] {
			if n := groups[at].shared(words); n > most && float64(n) >= r.threshold*float64(len(words)) {
				best, most = at, n
			}
		}
		if best < 0 {
			best = len(groups)
			groups = append(groups, &wordGroup{words: words, gaps: gaps, varies: make([]bool, len(words)), example: text})
			bySize[len(words)] = append(bySize[len(words)], best)
		}
		groups[best].join(words, gaps)
		groups[best].count += counts[i]
		of[i] = best
	}
	return groups, of, nil
}

// shared is how many words a text has in common with the group.
func (g *wordGroup) shared(words []string) int {
	n := 0
	for i, w := range words {
		if !g.varies[i] && g.words[i] == w {
			n++
		}
	}
	return n
}

func (g *wordGroup) join(words, gaps []string) {
	for i, w := range words {
		g.varies[i] = g.varies[i] || g.words[i] != w
	}
	for i, gap := range gaps {
		if g.gaps[i] != gap {
			g.gaps[i] = " "
		}
	}
}

// finish writes the pattern. The characters that the query added as breaks are
// left out beside a *.
func (g *wordGroup) finish(characters string) {
	var b strings.Builder
	for i, gap := range g.gaps {
		if i > 0 && g.varies[i-1] || i < len(g.words) && g.varies[i] {
			gap = strings.Map(func(c rune) rune {
				if strings.ContainsRune(characters, c) {
					return -1
				}
				return c
			}, gap)
		}
		b.WriteString(gap)
		switch {
		case i == len(g.words):
		case !g.varies[i]:
			b.WriteString(g.words[i])
		case !strings.HasSuffix(b.String(), "*"):
			b.WriteByte('*')
		}
	}
	g.pattern = b.String()
}

// splitWords takes a text apart at what is neither a letter nor a digit. The
// characters given are the other way about: letters and digits among them part
// words, other characters do not.
func splitWords(text, characters string) (words, gaps []string) {
	start := 0
	within := false
	for i, c := range text {
		isWord := unicode.IsLetter(c) || unicode.IsDigit(c)
		if strings.ContainsRune(characters, c) {
			isWord = !isWord
		}
		if isWord != within {
			if within {
				words = append(words, text[start:i])
			} else {
				gaps = append(gaps, text[start:i])
			}
			start, within = i, isWord
		}
	}
	if within {
		return append(words, text[start:]), append(gaps, "")
	}
	return words, append(gaps, text[start:])
}
