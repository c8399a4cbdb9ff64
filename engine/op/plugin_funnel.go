package op

import (
	"cmp"
	"slices"

	"tidemark/engine/expr"
	"tidemark/engine/fn"
	"tidemark/engine/vec"
	"tidemark/parser"
	"tidemark/table"
)

const funnelExample = `datatable(u:long, t:long, s:string)[1, 1, "a", 1, 2, "b", 1, 3, "c", 2, 1, "a"] | evaluate `

func init() {
	registerPlugin(Plugin{
		Name: "funnel_sequence_completion", Doc: "Counts the users that got to each state of a sequence, within periods from its first.",
		Params: []string{"IdColumn", "TimelineColumn", "Start", "End", "BinSize", "StateColumn", "Sequence", "MaxSequenceStepPeriods"}, Least: 8,
		Examples: []fn.Example{{Query: funnelExample + `funnel_sequence_completion(u, t, 1, 9, 10, s, dynamic(["a", "b"]), dynamic([5])) | where s == "b" | project dcount`, Want: `1`}},
		bind:     bindFunnelCompletion,
	})
	registerPlugin(Plugin{
		Name: "funnel_sequence", Doc: "Counts the users that went through a sequence of states by the state before and the state after; two more results count by each of them alone.",
		Params: []string{"IdColumn", "TimelineColumn", "Start", "End", "MaxSequenceStepWindow", "Step", "StateColumn", "Sequence"}, Least: 8,
		Examples: []fn.Example{{Query: funnelExample + `funnel_sequence(u, t, 1, 9, 5, 10, s, dynamic(["b"])) | project strcat(prev, next)`, Want: `ac`}},
		bind:     bindFunnel,
	})
}

// funnel is what the two plugins share.
type funnel struct {
	*activity
	state    *expr.Column
	sequence []string // of states, as text
	bins     expr.Expr
}

func (c *pluginCall) funnel(bins, state, sequence parser.Expr) (f *funnel, ok bool) {
	f = &funnel{}
	if f.activity, ok = c.activity(nil); !ok {
		return nil, false
	}
	if f.bins, ok = f.activity.bins(bins); !ok {
		return nil, false
	}
	if f.state, ok = c.column(state); !ok {
		return nil, false
	}
	i := slices.Index(c.args, sequence)
	if f.sequence, ok = c.texts(i); ok && len(f.sequence) == 0 {
		c.b.fail(sequence.Span(), "KS141", `such as dynamic(["a", "b"])`, "the sequence needs at least one state")
		return nil, false
	}
	return f, ok
}

// happening is a row: when, and in which state someone was.
type happening struct {
	at    int64
	state string
}

// users are the rows of each user within the time looked at, by bin, in order
// of time.
func (f *funnel) users(b *vec.Batch) (*timeline, map[int64]map[int32][]happening, error) {
	t, err := f.timeline(f.bins)
	if err != nil {
		return nil, nil, err
	}
	ids := vec.NewGrouper([]table.Type{f.id.T}).IDs(b.Cols[:1], b.N)
	out := map[int64]map[int32][]happening{}
	for row, id := range ids {
		if b.Cols[0].IsNull(row) || b.Cols[1].IsNull(row) {
			continue
		}
		at := b.Cols[1].Int64(row)
		if at < t.start || at > t.end {
			continue
		}
		bin := t.bin(at)
		if out[bin] == nil {
			out[bin] = map[int32][]happening{}
		}
		out[bin][id] = append(out[bin][id], happening{at, fn.TextOf(f.state.T, b.Cols[2].Value(row))})
	}
	for _, users := range out {
		for _, list := range users {
			slices.SortStableFunc(list, func(l, r happening) int { return cmp.Compare(l.at, r.at) })
		}
	}
	return t, out, nil
}

func bindFunnelCompletion(c *pluginCall) Node {
	f, ok := c.funnel(c.args[4], c.args[5], c.args[6])
	if !ok {
		return nil
	}
	periods, periodType, ok := c.periods(7, f.at.T)
	if !ok {
		return nil
	}
	cols := []table.Column{{Name: f.at.Name, Type: f.at.T}, {Name: f.state.Name, Type: table.String}, {Name: "Period", Type: periodType}, {Name: "dcount", Type: table.Long}}
	return c.over([]expr.Expr{f.id, f.at, f.state}, cols, func(b *vec.Batch) (*vec.Batch, error) {
		t, users, err := f.users(b)
		if err != nil {
			return nil, err
		}
		out := newBuilders(cols, 0)
		for bin := t.bin(t.start); bin <= t.end; bin = t.next(bin) {
			if users[bin] == nil {
				continue
			}
			for _, period := range periods {
				reached := make([]int64, len(f.sequence))
				for _, list := range users[bin] {
					for k := range furthest(list, f.sequence, period) {
						reached[k]++
					}
				}
				for k, state := range f.sequence {
					out.add(bin, state, period, reached[k])
				}
			}
		}
		return out.batch(), nil
	})
}

// furthest is how many states of a sequence come one after the other, all
// within a period from the first.
func furthest(list []happening, sequence []string, period int64) int {
	best := 0
	for i, first := range list {
		if first.state != sequence[0] {
			continue
		}
		n := 1
		for _, h := range list[i+1:] {
			if n == len(sequence) || h.at-first.at > period {
				break
			}
			if h.state == sequence[n] {
				n++
			}
		}
		if best = max(best, n); best == len(sequence) {
			break
		}
	}
	return best
}

// periods binds an array of lengths of time.
func (c *pluginCall) periods(i int, at table.Type) ([]int64, table.Type, bool) {
	t := table.Long
	if at == table.Datetime || at == table.Timespan {
		t = table.Timespan
	}
	texts, ok := c.texts(i)
	if !ok {
		return nil, t, false
	}
	var out []int64
	for _, text := range texts {
		var v int64
		if t == table.Long {
			v, ok = table.ParseLong(text)
		} else {
			var d table.Duration
			d, ok = table.ParseDuration(text)
			v = int64(d)
		}
		if !ok {
			c.b.fail(c.args[i].Span(), "KS141", "such as dynamic([1h, 1d])", "%s is not a %s", text, t)
			return nil, t, false
		}
		out = append(out, v)
	}
	return out, t, true
}

// most samples of users that funnel_sequence shows.
const funnelSamples = 128

func bindFunnel(c *pluginCall) Node {
	f, ok := c.funnel(c.args[5], c.args[6], c.args[7])
	if !ok {
		return nil
	}
	longest, ok := f.distance(c.args[4])
	if !ok {
		return nil
	}
	if !c.last {
		return f.counts(c, c.in, longest, true, true)
	}
	in := &shared{in: c.in, cell: &sharedRows{}}
	c.b.also = append(c.b.also, Result{Node: f.counts(c, in, longest, true, false)}, Result{Node: f.counts(c, in, longest, false, true)})
	return f.counts(c, in, longest, true, true)
}

// counts is one of the three results.
func (f *funnel) counts(c *pluginCall, in Node, longest expr.Expr, byPrev, byNext bool) Node {
	over := *c
	over.in = in
	cols := []table.Column{{Name: f.at.Name, Type: f.at.T}}
	if byPrev {
		cols = append(cols, table.Column{Name: "prev", Type: table.String})
	}
	if byNext {
		cols = append(cols, table.Column{Name: "next", Type: table.String})
	}
	cols = append(cols, table.Column{Name: "dcount", Type: table.Long}, table.Column{Name: "samples", Type: table.Dynamic})
	return over.over([]expr.Expr{f.id, f.at, f.state}, cols, func(b *vec.Batch) (*vec.Batch, error) {
		t, users, err := f.users(b)
		if err != nil {
			return nil, err
		}
		names := vec.NewGrouper([]table.Type{f.id.T})
		names.IDs(b.Cols[:1], b.N)
		window, _ := valueOf(longest).(int64)
		out := newBuilders(cols, 0)
		for bin := t.bin(t.start); bin <= t.end; bin = t.next(bin) {
			if users[bin] != nil {
				f.bin(out, bin, users[bin], window, names.Keys()[0], byPrev, byNext)
			}
		}
		return out.batch(), nil
	})
}

// bin counts the users of a bin.
func (f *funnel) bin(out builders, bin int64, users map[int32][]happening, window int64, names vec.Column, byPrev, byNext bool) {
	type way struct{ prev, next string }
	seen := map[way]map[int32]bool{}
	for id, list := range users {
		for _, w := range passages(list, f.sequence, window) {
			k := way{w[0], w[1]}
			if !byPrev {
				k.prev = ""
			}
			if !byNext {
				k.next = ""
			}
			if seen[k] == nil {
				seen[k] = map[int32]bool{}
			}
			seen[k][id] = true
		}
	}
	ways := make([]way, 0, len(seen))
	for k := range seen {
		ways = append(ways, k)
	}
	slices.SortFunc(ways, func(l, r way) int {
		return cmp.Or(cmp.Compare(len(seen[r]), len(seen[l])), cmp.Compare(l.prev, r.prev), cmp.Compare(l.next, r.next))
	})
	for _, k := range ways {
		row := []any{bin}
		if byPrev {
			row = append(row, k.prev)
		}
		if byNext {
			row = append(row, k.next)
		}
		out.add(append(row, int64(len(seen[k])), f.samples(seen[k], names))...)
	}
}

// samples are the users as an array.
func (f *funnel) samples(of map[int32]bool, names vec.Column) string {
	ids := make([]int32, 0, len(of))
	for id := range of {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	b := []byte{'['}
	for i, id := range ids[:min(len(ids), funnelSamples)] {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, fn.JSON(f.id.T, names.Value(int(id)))...)
	}
	return string(append(b, ']'))
}

// passages are the states before and after each time that someone went through
// a sequence. Staying in a state is not a step.
func passages(list []happening, sequence []string, window int64) [][2]string {
	var steps []happening
	for _, h := range list {
		if n := len(steps); n == 0 || steps[n-1].state != h.state {
			steps = append(steps, h)
		} else {
			steps[n-1].at = h.at
		}
	}
	var out [][2]string
	for i := 0; i+len(sequence) <= len(steps); i++ {
		fits := true
		for k, state := range sequence {
			fits = fits && steps[i+k].state == state && (k == 0 || steps[i+k].at-steps[i+k-1].at <= window)
		}
		if !fits {
			continue
		}
		var w [2]string
		if i > 0 && steps[i].at-steps[i-1].at <= window {
			w[0] = steps[i-1].state
		}
		if end := i + len(sequence); end < len(steps) && steps[end].at-steps[end-1].at <= window {
			w[1] = steps[end].state
		}
		out = append(out, w)
	}
	return out
}
