package agg

import (
	"strings"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"tidemark/engine/agg/sketch"
	"tidemark/engine/fn"
	"tidemark/engine/vec"
	"tidemark/internal/wire"
	"tidemark/table"
)

func init() {
	args := []fn.Param{fn.Any, fn.P(table.Long)}
	register(Func{
		Name: "dcount", Prefix: "dcount", If: "dcountif", Check: checkAccuracy,
		Doc:        "Estimates the number of distinct values that are not null; exact up to 2,048 values, then with a standard error of 0.8 percent; of 1.6, 0.8, 0.4, 0.28 and 0.2 percent for an accuracy of 0 to 4.",
		Examples:   []fn.Example{{Query: `datatable(s:string)["a", "b", "a"] | summarize dcount(s)`, Want: `2`}},
		IfExamples: []fn.Example{{Query: `range x from 1 to 5 step 1 | summarize dcountif(x, x > 3)`, Want: `2`}},
		Overloads: []Overload{{Params: args, Optional: 1, Result: table.Long, New: func(spec Spec) State {
			return newHashes(spec, false)
		}}},
	})
	register(Func{
		Name: "hll", Prefix: "hll", If: "hll_if", Check: checkAccuracy,
		Doc:        "Gives the state of dcount() as a dynamic value, for hll_merge() and dcount_hll().",
		Examples:   []fn.Example{{Query: `datatable(s:string)[] | summarize isnull(hll(s))`, Want: `true`}},
		IfExamples: []fn.Example{{Query: `range x from 1 to 5 step 1 | summarize isnull(hll_if(x, x > 5))`, Want: `true`}},
		Overloads: []Overload{{Params: args, Optional: 1, Result: table.Dynamic, New: func(spec Spec) State {
			return newHashes(spec, true)
		}}},
	})
	register(Func{
		Name: "hll_merge", Prefix: "hll_merge",
		Doc:      "Merges the results of hll() into one.",
		Slow:     slowSketches,
		Examples: []fn.Example{{Query: `datatable(d:dynamic)[] | summarize isnull(hll_merge(d))`, Want: `true`}},
		Overloads: []Overload{{Params: []fn.Param{fn.P(table.Dynamic)}, Result: table.Dynamic, New: func(Spec) State {
			return &hashes{states: true, merges: true}
		}}},
	})
}

// checkAccuracy looks at the accuracy, the last argument, where it is there.
func checkAccuracy(args []Arg) error {
	last := len(args) - 1
	if last < 1 || args[last].Type == table.Bool {
		return nil
	}
	if c := args[last].Const; c == nil || c.IsNull(0) || args[last].Type.IsInteger() && (c.Int64(0) < 0 || c.Int64(0) > 4) {
		return &fn.MismatchError{Arg: last, Msg: "the accuracy is a constant from 0 to 4", Hint: "0 is fastest, 4 most accurate; 1 is used if left out"}
	}
	return nil
}

// hashes counts the distinct values of each group by hashes.
type hashes struct {
	t        table.Type
	accuracy int64
	states   bool // results are states, not counts
	merges   bool // arguments are states
	v        []sketch.HLL
	seen     []bool // groups with a value; for states only
	held     int64  // memory of v's elements
	dict     arrow.Array
	memo     []uint64        // hash by code of dict, or 0
	rows     byGroup[uint64] // that are not in v yet
	others   []mergedHashes
	threads  int
}

// mergedHashes are those of another worker, with the group here of each there.
type mergedHashes struct {
	*hashes
	to []int32
}

func newHashes(spec Spec, states bool) *hashes {
	return &hashes{t: spec.Types[0], accuracy: spec.long(1, 1), states: states}
}

func (s *hashes) Grow(n int) {
	if len(s.v) < n {
		s.v = grownWith(s.v, n, sketch.NewHLL(s.accuracy))
		s.seen = grown(s.seen, n)
	}
}

func (s *hashes) Add(groups []int32, cols []vec.Column, _ int) {
	c := cols[0]
	if s.merges {
		s.addStates(groups, c)
		return
	}
	if d, ok := c.Dict(); ok {
		s.addCodes(groups, d)
		return
	}
	if s.t.Physical() == table.Strings {
		in := strs(c, s.t)
		for i, g := range groups {
			if in.ok(i) {
				s.add(g, s.hash(in.at(i)))
			}
		}
		return
	}
	in := keys(c, s.t)
	for i, g := range groups {
		if in.ok(i) {
			s.add(g, sketch.HashInt(in.at(i)))
		}
	}
}

func (s *hashes) add(g int32, hash uint64) {
	if hash == 0 { // a dynamic null
		return
	}
	h := &s.v[g]
	before := h.Size()
	h.Add(hash)
	s.held += h.Size() - before
	s.seen[g] = true
}

// hash gives 0 for a null that is written out.
func (s *hashes) hash(v string) uint64 {
	switch {
	case s.t == table.Dynamic && v == "null":
		return 0
	case s.t == table.Decimal && strings.Contains(v, "."): // 1.50 is 1.5
		v = strings.TrimRight(strings.TrimRight(v, "0"), ".")
	}
	return max(1, sketch.HashString(v))
}

// addCodes hashes each value of a dictionary once.
func (s *hashes) addCodes(groups []int32, d *array.Dictionary) {
	values := d.Dictionary().(*array.String)
	if s.dict == nil || !vec.SameArray(s.dict, values) {
		s.dict, s.memo = values, make([]uint64, values.Len())
	}
	codes, nulls := vec.Codes(d), d.NullN() > 0
	for i, g := range groups {
		if nulls && d.IsNull(i) {
			continue
		}
		hash := s.memo[codes[i]]
		if hash == 0 {
			hash = s.hash(values.Value(int(codes[i])))
			s.memo[codes[i]] = hash
		}
		s.add(g, hash)
	}
}

// AddCoded hashes each value of a dictionary once, all of them ahead. Groups
// that are many are taken in one after the other, each while its counter is in
// the processor's cache.
func (s *hashes) AddCoded(groups []int32, c *vec.Coded) bool {
	if s.merges || c.Of != nil || s.t != table.String {
		return false
	}
	if s.dict == nil || !vec.SameArray(s.dict, c.Values) {
		s.dict, s.memo = c.Values, make([]uint64, c.Values.Len())
		for i := range s.memo {
			s.memo[i] = s.hash(c.Values.Value(i))
		}
	}
	rows := s.rows.chunk(len(groups))
	rows.groups = append(rows.groups, groups...)
	rows.values = vec.AppendByCode(rows.values, c, s.memo)
	s.rows.n += len(groups)
	if s.rows.full(len(s.v), s.threads) {
		s.Settle()
	}
	return true
}

// Share is called before the first row.
func (s *hashes) Share(threads int) { s.threads = threads }

// Settle takes in the rows that wait, and gives back the memory they were in.
func (s *hashes) Settle() {
	sorted := s.rows.sort(len(s.v))
	s.rows.forget()
	for g := range sorted.ends {
		if rows := sorted.of(int32(g)); len(rows) > 0 {
			h := &s.v[g]
			before := h.Size()
			h.AddAll(rows)
			s.held += h.Size() - before
			s.seen[g] = true
		}
	}
}

// settleAll takes in the other workers' hashes, too.
func (s *hashes) settleAll() {
	s.Settle()
	others := s.others
	s.others = nil
	for _, o := range others {
		o.settleAll()
		for i := range o.v {
			if o.seen[i] {
				s.merge(o.to[i], &o.v[i])
			}
		}
	}
}

// counts counts the hashes of each group, wherever they are, by all workers.
func (s *hashes) counts() []int64 {
	out := make([]int64, len(s.v))
	parts := append([]mergedHashes{{hashes: s}}, s.others...)
	sorted, from := make([]sortedRows[uint64], len(parts)), make([][]int32, len(parts))
	parallel(len(parts), s.threads, func(_, i int) {
		sorted[i] = parts[i].rows.sort(len(parts[i].v))
		if i > 0 {
			from[i] = inverse(parts[i].to, len(s.v))
		}
	})
	memory := make([][]uint64, max(1, s.threads))
	eachGroup(len(s.v), s.threads, func(worker int, g int32) {
		var counters []*sketch.HLL
		var rows [][]uint64
		n := 0
		for i, p := range parts {
			there := g
			if i > 0 {
				there = from[i][g]
			}
			if there < 0 {
				continue
			}
			counters, rows = append(counters, &p.v[there]), append(rows, sorted[i].of(there))
			n += counters[len(counters)-1].Hashes() + len(rows[len(rows)-1])
		}
		var h sketch.HLL
		memory[worker] = h.Begin(s.accuracy, n, memory[worker])
		for i, c := range counters {
			h.Merge(c)
			h.AddAll(rows[i])
		}
		out[g] = h.Count()
	})
	return out
}

// addStates merges states; what is not one is skipped.
func (s *hashes) addStates(groups []int32, c vec.Column) {
	in := strs(c, table.Dynamic)
	for i, g := range groups {
		if !in.ok(i) {
			continue
		}
		if h, ok := sketch.ParseHLL(in.at(i)); ok {
			s.merge(g, &h)
		}
	}
}

// merge takes over the accuracy of the first state where states come from
// outside.
func (s *hashes) merge(g int32, o *sketch.HLL) {
	before := s.v[g].Size()
	if !s.seen[g] {
		s.v[g], s.seen[g] = *o, true
	} else {
		s.v[g].Merge(o)
	}
	s.held += s.v[g].Size() - before
}

func (s *hashes) Merge(other State, to []int32) {
	o := other.(*hashes)
	if o.rows.n >= muchToMerge && len(o.others) == 0 {
		s.others = append(s.others, mergedHashes{o, to})
		return
	}
	o.settleAll()
	for i := range o.v {
		if o.seen[i] {
			s.merge(to[i], &o.v[i])
		}
	}
}

func (s *hashes) Results() []vec.Column {
	if s.states {
		s.settleAll()
		out := make([]string, len(s.v))
		for i := range s.v {
			if s.seen[i] {
				out[i] = s.v[i].JSON()
			}
		}
		return []vec.Column{{Arr: vec.NewStrings(out, s.seen)}}
	}
	if s.rows.n > 0 || len(s.others) > 0 {
		return []vec.Column{{Arr: vec.NewInt64s(s.counts(), nil)}}
	}
	out := make([]int64, len(s.v))
	for i := range s.v {
		out[i] = s.v[i].Count()
	}
	return []vec.Column{{Arr: vec.NewInt64s(out, nil)}}
}

func (s *hashes) Size() int64 {
	n := 57*int64(cap(s.v)) + s.held + 8*int64(len(s.memo)) + s.rows.size()
	for _, o := range s.others {
		n += o.Size() + 4*int64(len(o.to))
	}
	return n
}

func (s *hashes) Encode(b []byte, groups []int32) []byte {
	s.settleAll()
	for _, g := range groups {
		b = s.v[g].Encode(wire.Bool(b, s.seen[g]))
	}
	return b
}

func (s *hashes) Decode(r *wire.Reader, n int) {
	for i := range n {
		s.seen[i] = r.Bool()
		s.v[i] = sketch.DecodeHLL(r)
		s.held += s.v[i].Size()
	}
}
