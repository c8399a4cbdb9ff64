package agg

import (
	"github.com/apache/arrow/go/v15/arrow/array"

	"tidemark/engine/fn"
	"tidemark/engine/vec"
	"tidemark/internal/dyn"
	"tidemark/internal/wire"
	"tidemark/table"
)

func init() {
	register(Func{
		Name: "make_list", Prefix: "list", If: "make_list_if", Check: checkSize,
		Doc:        "Gathers the values that are not null into an array; of arrays their elements, so that pack_array() keeps one whole.",
		Examples:   []fn.Example{{Query: `datatable(x:long)[1, 2, 1] | summarize make_list(x)`, Want: `[1,2,1]`}, {Query: `datatable(d:dynamic)[dynamic([1, 2]), dynamic([2, [3]])] | summarize make_list(d)`, Want: `[1,2,2,[3]]`}},
		IfExamples: []fn.Example{{Query: `range x from 1 to 5 step 1 | summarize make_list_if(x, x > 3)`, Want: `[4,5]`}},
		Overloads:  listOf(maxSize),
	})
	register(Func{
		Name: "makelist", Prefix: "list", Page: "make-list-aggregation-function", Check: checkSize,
		Doc:       "Gathers values into an array: an older make_list() that keeps 128 values unless told otherwise.",
		Examples:  []fn.Example{{Query: `datatable(x:long)[1, 2, 1] | summarize makelist(x)`, Want: `[1,2,1]`}},
		Overloads: listOf(oldMaxSize),
	})
	register(Func{
		Name: "make_list_with_nulls", Prefix: "list",
		Doc:      "Gathers the values into an array, nulls too; of arrays their elements.",
		Examples: []fn.Example{{Query: `datatable(x:long)[1, long(null), 2] | summarize make_list_with_nulls(x)`, Want: `[1,null,2]`}},
		Overloads: []Overload{{Params: []fn.Param{fn.Any}, Result: table.Dynamic, New: func(spec Spec) State {
			return &list{t: spec.Types[0], nulls: true, texts: texts{max: maxSize}}
		}}},
	})
	register(Func{
		Name: "make_bag", Prefix: "bag", If: "make_bag_if", Check: checkSize,
		Doc:        "Merges the members of objects into one; of a name that comes again the first value stays.",
		Examples:   []fn.Example{{Query: `datatable(d:dynamic)[dynamic({"a": 1}), dynamic({"b": 2}), dynamic({"a": 3})] | summarize make_bag(d)`, Want: `{"a":1,"b":2}`}},
		IfExamples: []fn.Example{{Query: `range x from 1 to 3 step 1 | summarize make_bag_if(bag_pack(tostring(x), x), x > 1)`, Want: `{"2":2,"3":3}`}},
		Overloads:  bagOf(maxSize),
	})
	register(Func{
		Name: "make_dictionary", Prefix: "dictionary", Page: "make-bag-aggregation-function", Check: checkSize,
		Doc:       "Merges the members of objects into one: an older make_bag() that keeps 128 members unless told otherwise.",
		Examples:  []fn.Example{{Query: `datatable(d:dynamic)[dynamic({"a": 1}), dynamic({"b": 2})] | summarize make_dictionary(d)`, Want: `{"a":1,"b":2}`}},
		Overloads: bagOf(oldMaxSize),
	})
}

func listOf(size int64) []Overload {
	return []Overload{{Params: []fn.Param{fn.Any, fn.P(table.Long)}, Optional: 1, Result: table.Dynamic, New: func(spec Spec) State {
		return &list{t: spec.Types[0], texts: texts{max: sizeOf(spec, size)}}
	}}}
}

func bagOf(size int64) []Overload {
	return []Overload{{Params: []fn.Param{fn.P(table.Dynamic), fn.P(table.Long)}, Optional: 1, Result: table.Dynamic, New: func(spec Spec) State {
		return &bag{texts: texts{max: sizeOf(spec, size)}, names: map[string]int32{}}
	}}}
}

// texts holds for each group a list of pieces of JSON with commas between:
// compact, and without holding on to the batches they came from.
type texts struct {
	max  int
	text [][]byte
	n    []int32
	held int64 // memory of text's elements
}

func (s *texts) Grow(n int) { s.text, s.n = grown(s.text, n), grown(s.n, n) }

func (s *texts) full(g int32) bool { return int(s.n[g]) >= s.max }

// append adds n pieces.
func (s *texts) append(g int32, n int32, pieces ...[]byte) {
	b := s.text[g]
	before := cap(b)
	if s.n[g] > 0 {
		b = append(b, ',')
	}
	for _, p := range pieces {
		b = append(b, p...)
	}
	s.text[g] = b
	s.n[g] += n
	s.held += int64(cap(b) - before)
}

// column writes each group between two brackets.
func (s *texts) column(open, end string) []vec.Column {
	out := make([]string, len(s.text))
	for i, b := range s.text {
		out[i] = open + string(b) + end
	}
	return []vec.Column{{Arr: vec.NewStrings(out, nil)}}
}

func (s *texts) Size() int64 { return 28*int64(cap(s.text)) + s.held }

func (s *texts) Encode(b []byte, groups []int32) []byte {
	for _, g := range groups {
		b = wire.Bytes(wire.Uint(b, uint64(s.n[g])), s.text[g])
	}
	return b
}

// Decode: of a bag the texts are enough, since merging reads the names in them.
func (s *texts) Decode(r *wire.Reader, n int) {
	for i := range n {
		s.n[i] = int32(r.Uint())
		s.text[i] = r.Bytes()
		s.held += int64(len(s.text[i]))
	}
}

// list gathers the values of each group. Of an array it takes the elements:
// the documentation says so of make_set alone, but its examples of folding
// shapes into one (geo_distance_point_to_line, geo_point_in_polygon,
// geo_h3cell_rings) are right only where make_list does the same.
type list struct {
	texts
	t      table.Type
	nulls  bool // are kept
	fields []dyn.Field
}

func (s *list) Add(groups []int32, cols []vec.Column, _ int) {
	c := cols[0]
	if d, ok := c.Dict(); ok && s.t == table.String && d.NullN() == 0 {
		s.addCodes(groups, d)
		return
	}
	var b []byte
	for i, g := range groups {
		if s.full(g) || !s.nulls && absent(c, s.t, i) {
			continue
		}
		if s.t == table.Dynamic && !c.IsNull(i) && s.addElements(g, c.Str(i)) {
			continue
		}
		b = json(b[:0], c, s.t, i)
		s.append(g, 1, b)
	}
}

// addElements adds those of an array; false where text is none.
func (s *list) addElements(g int32, text string) bool {
	if len(text) == 0 || text[0] != '[' {
		return false
	}
	var sp dyn.Splitter
	fields, err := sp.Array([]byte(text), s.fields[:0])
	s.fields = fields
	if err != nil {
		return false
	}
	var b []byte
	for i := range fields {
		f := &fields[i]
		if s.full(g) || !s.nulls && f.Kind == dyn.KindNull {
			continue
		}
		b = f.Append(b[:0])
		s.append(g, 1, b)
	}
	return true
}

// addCodes quotes each value of a dictionary once a batch.
func (s *list) addCodes(groups []int32, d *array.Dictionary) {
	values := d.Dictionary().(*array.String)
	quoted := make([][]byte, values.Len())
	for i, code := range vec.Codes(d) {
		g := groups[i]
		if s.full(g) {
			continue
		}
		if quoted[code] == nil {
			quoted[code] = dyn.AppendString(nil, values.Value(int(code)))
		}
		s.append(g, 1, quoted[code])
	}
}

func (s *list) Merge(other State, to []int32) {
	o := other.(*list)
	for i, text := range o.text {
		g, n := to[i], o.n[i]
		room := int32(s.max) - s.n[g]
		switch {
		case n == 0 || room <= 0:
		case n <= room:
			s.append(g, n, text)
		default:
			s.appendSome(g, text, int(room))
		}
	}
}

// appendSome adds the first n of the elements in text.
func (s *list) appendSome(g int32, text []byte, n int) {
	var sp dyn.Splitter
	fields, _ := sp.Array([]byte("["+string(text)+"]"), nil)
	for _, f := range fields[:min(n, len(fields))] {
		s.append(g, 1, f.Append(nil))
	}
}

func (s *list) Results() []vec.Column { return s.column("[", "]") }

// bag merges the objects of each group.
type bag struct {
	texts
	names  map[string]int32 // numbered, for seen
	seen   pairs
	named  int64 // memory of names
	fields []dyn.Field
}

func (s *bag) Add(groups []int32, cols []vec.Column, _ int) {
	in := strs(cols[0], table.Dynamic)
	for i, g := range groups {
		if v := in.at(i); in.ok(i) && len(v) > 0 && v[0] == '{' && !s.full(g) {
			s.add(g, []byte(v))
		}
	}
}

// add takes in the members of an object.
func (s *bag) add(g int32, text []byte) {
	var sp dyn.Splitter
	fields, err := sp.Object(text, s.fields[:0])
	s.fields = fields
	if err != nil {
		return
	}
	for i := range fields {
		f := &fields[i]
		id, ok := s.names[string(f.Key)]
		if !ok {
			id = int32(len(s.names))
			s.names[string(f.Key)] = id
			s.named += int64(len(f.Key)) + 48
		}
		if !s.full(g) && s.seen.add(g, id) {
			s.append(g, 1, dyn.AppendString(nil, f.Key), []byte{':'}, f.Append(nil))
		}
	}
}

func (s *bag) Merge(other State, to []int32) {
	for i, text := range other.(*bag).text {
		s.add(to[i], []byte("{"+string(text)+"}"))
	}
}

// Results: without any member the bag is empty, as Kusto prints it.
func (s *bag) Results() []vec.Column { return s.column("{", "}") }

func (s *bag) Size() int64 { return s.texts.Size() + s.named + s.seen.size() }
