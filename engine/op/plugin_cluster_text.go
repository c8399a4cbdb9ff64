package op

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

	"tidemark/engine/expr"
	"tidemark/engine/fn"
	"tidemark/engine/vec"
	"tidemark/table"
)

func init() {
	registerPlugin(Plugin{
		Name: "diffpatterns_text", Doc: "Finds patterns of words at the beginning of texts in which the rows where a condition is true differ from the others.",
		Slow:   "Takes more than a microsecond for a text of more than a few words: it counts the words at every place, pattern by pattern.",
		Params: []string{"TextColumn", "BooleanCondition", "MinTokens", "Threshold", "MaxTokens"}, Least: 2,
		Examples: []fn.Example{{Query: `datatable(s:string, bad:bool)["login of root failed", true, "login of ann failed", true, "login of bob done", false] | evaluate diffpatterns_text(s, bad) | where Pattern has "failed" | project Count_of_True`, Want: `2`}},
		bind:     bindDiffpatternsText,
	})
}

// mostTokens is how many words of a text patterns look at.
const mostTokens = 20

// bindDiffpatternsText finds patterns as diffpatterns does, where the columns
// are the first word of each text, the second, and so on. Words are parted by
// white space.
func bindDiffpatternsText(c *pluginCall) Node {
	text := c.b.scalar(c.args[0], c.rs)
	cond := c.b.condition(c.args[1], c.rs)
	if text.Type() == table.Unknown || cond == nil {
		return nil
	}
	if text.Type() != table.String {
		c.b.fail(c.args[0].Span(), "KS141", "convert it with tostring()", "diffpatterns_text() compares texts, and this is a %s", text.Type())
		return nil
	}
	least, ok1 := c.tokens(2, 1, 0, 200)
	threshold, ok2 := c.part(3, 0.05)
	most, ok3 := c.tokens(4, mostTokens, 0, mostTokens)
	if !ok1 || !ok2 || !ok3 {
		return nil
	}
	cols := []table.Column{longColumn("Count_of_True"), longColumn("Count_of_False"), realColumn("Percent_of_True"), realColumn("Percent_of_False"), {Name: "Pattern", Type: table.String}}
	s := &clustering{c: c}
	return s.over([]expr.Expr{text, cond}, cols, func(ctx context.Context, held *reservation, b *vec.Batch) (*vec.Batch, error) {
		d := &difference{threshold: max(threshold, 0.015), side: make([]int, b.N)}
		for row := range d.side {
			if b.Cols[1].Value(row) != true {
				d.side[row] = 1
			}
		}
		m, words := tokenMiner(b.Cols[0], b.N, most)
		m.ctx, m.held = ctx, held
		found, err := d.mine(m, vec.All(b.N))
		if err != nil {
			return nil, err
		}
		out := newBuilders(cols, len(found))
		for _, p := range found {
			for i, v := range p.values {
				if int(v) >= len(words) {
					p.values[i] = -1 // the text has ended
				}
			}
			if p.fixed() >= least {
				w := p.sides
				out.add(int64(math.Round(w[0])), int64(math.Round(w[1])), percent(w[0], d.total[0], 2), percent(w[1], d.total[1], 2), tokenText(p, words))
			}
		}
		return out.batch(), nil
	})
}

// tokens binds a number of words.
func (c *pluginCall) tokens(i int, otherwise, from, to int64) (int, bool) {
	v, ok := known(c, i, table.Long, otherwise)
	if ok && (v < from || v > to) {
		c.b.fail(c.args[i].Span(), "KS141", "usage: evaluate "+c.plugin.Usage(), "%s", fmt.Sprintf("a number from %d to %d is expected here", from, to))
		return 0, false
	}
	return int(v), ok
}

// tokenMiner numbers the words of each text. Where a text has no more of them
// it gets a number of its own, which is no word that texts have in common.
func tokenMiner(texts vec.Column, n, most int) (m *miner, words []string) {
	m = &miner{depth: math.MaxInt, codes: make([][]int32, most)}
	for i := range m.codes {
		m.codes[i] = make([]int32, n)
	}
	numbers := map[string]int32{}
	lengths := make([]int, n)
	for row := range n {
		for word := range strings.FieldsSeq(texts.Str(row)) {
			if lengths[row] == most {
				break
			}
			id, ok := numbers[word]
			if !ok {
				id = int32(len(words))
				numbers[word] = id
				words = append(words, word)
			}
			m.codes[lengths[row]][row] = id
			lengths[row]++
		}
	}
	for row, length := range lengths {
		for _, codes := range m.codes[length:] {
			codes[row] = int32(len(words) + row)
		}
	}
	return m, words
}

// tokenText writes the words of a pattern, a star for each place between them
// where any fits, and one for all that follow.
func tokenText(p *segment, words []string) string {
	last := -1
	parts := make([]string, len(p.values))
	for i, v := range p.values {
		parts[i] = "*"
		if v >= 0 {
			parts[i], last = words[v], i
		}
	}
	parts = slices.Delete(parts, min(last+2, len(parts)), len(parts))
	return strings.Join(parts, " ")
}
