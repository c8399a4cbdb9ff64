package agg

import (
	"bytes"
	"slices"

	"tidemark/engine/fn"
	"tidemark/engine/vec"
	"tidemark/internal/dyn"
	"tidemark/internal/wire"
	"tidemark/table"
)

func init() {
	register(Func{
		Name: "buildschema", Prefix: "schema",
		Doc:      "Describes the types and members that dynamic values have, as a dynamic value.",
		Examples: []fn.Example{{Query: `datatable(d:dynamic)[dynamic({"x": 1}), dynamic({"x": "a", "y": [2.5]})] | summarize buildschema(d)`, Want: "{\"x\":[\"long\",\"string\"],\"y\":{\"`indexer`\":\"double\"}}"}},
		Overloads: []Overload{{Params: []fn.Param{fn.P(table.Dynamic)}, Result: table.Dynamic, New: func(Spec) State {
			return &schema{}
		}}},
	})
}

// shape is what values at one place look like: the types of scalars there, the
// members of objects, the elements of arrays, each in order of appearance.
type shape struct {
	types   []string
	names   []string
	members map[string]*shape
	items   *shape
}

func (s *shape) addType(name string) {
	if !slices.Contains(s.types, name) {
		s.types = append(s.types, name)
	}
}

func (s *shape) member(name string) *shape {
	m := s.members[name]
	if m == nil {
		if s.members == nil {
			s.members = map[string]*shape{}
		}
		m = &shape{}
		s.members[name] = m
		s.names = append(s.names, name)
	}
	return m
}

func (s *shape) elements() *shape {
	if s.items == nil {
		s.items = &shape{}
	}
	return s.items
}

// add takes in a value and what is in it.
func (s *shape) add(f *dyn.Field) {
	var sp dyn.Splitter
	switch f.Kind {
	case dyn.KindString:
		s.addType("string")
	case dyn.KindTrue, dyn.KindFalse:
		s.addType("bool")
	case dyn.KindNumber:
		if bytes.ContainsAny(f.Text, ".eE") {
			s.addType("double")
		} else {
			s.addType("long")
		}
	case dyn.KindObject:
		if s.members == nil {
			s.members = map[string]*shape{}
		}
		fields, _ := sp.Object(f.Text, nil)
		for i := range fields {
			s.member(string(fields[i].Key)).add(&fields[i])
		}
	case dyn.KindArray:
		items := s.elements()
		fields, _ := sp.Array(f.Text, nil)
		for i := range fields {
			items.add(&fields[i])
		}
	}
}

func (s *shape) merge(o *shape) {
	for _, t := range o.types {
		s.addType(t)
	}
	if o.members != nil && s.members == nil {
		s.members = map[string]*shape{}
	}
	for _, name := range o.names {
		s.member(name).merge(o.members[name])
	}
	if o.items != nil {
		s.elements().merge(o.items)
	}
}

func (s *shape) isContainer() bool { return s.members != nil || s.items != nil }

// append writes the type, or where there are several an array of them.
func (s *shape) append(b []byte) []byte {
	n := len(s.types)
	if s.isContainer() {
		n++
	}
	if n == 0 {
		return append(b, `"null"`...)
	}
	if n > 1 {
		b = append(b, '[')
	}
	for i, t := range s.types {
		if i > 0 {
			b = append(b, ',')
		}
		b = dyn.AppendString(b, t)
	}
	if s.isContainer() {
		if len(s.types) > 0 {
			b = append(b, ',')
		}
		b = s.appendContainer(b)
	}
	if n > 1 {
		b = append(b, ']')
	}
	return b
}

func (s *shape) appendContainer(b []byte) []byte {
	b = append(b, '{')
	for i, name := range s.names {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(dyn.AppendString(b, name), ':')
		b = s.members[name].append(b)
	}
	if s.items != nil {
		if len(s.names) > 0 {
			b = append(b, ',')
		}
		b = append(b, "\"`indexer`\":"...)
		b = s.items.append(b)
	}
	return append(b, '}')
}

// size guesses what a shape takes.
func (s *shape) size() int64 {
	n := int64(96) + 16*int64(len(s.types))
	for name, m := range s.members {
		n += 64 + int64(len(name)) + m.size()
	}
	if s.items != nil {
		n += s.items.size()
	}
	return n
}

// schema is the state of buildschema.
type schema struct{ v []*shape }

func (s *schema) Grow(n int) { s.v = grown(s.v, n) }

func (s *schema) at(g int32) *shape {
	if s.v[g] == nil {
		s.v[g] = &shape{}
	}
	return s.v[g]
}

func (s *schema) Add(groups []int32, cols []vec.Column, _ int) {
	in := strs(cols[0], table.Dynamic)
	var sp dyn.Splitter
	for i, g := range groups {
		if !in.ok(i) || in.at(i) == "null" {
			continue
		}
		fields, _ := sp.Array([]byte("["+in.at(i)+"]"), nil) // the splitter takes no scalar apart
		for k := range fields {
			s.at(g).add(&fields[k])
		}
	}
}

func (s *schema) Merge(other State, to []int32) {
	for i, o := range other.(*schema).v {
		if o != nil {
			s.at(to[i]).merge(o)
		}
	}
}

func (s *schema) Results() []vec.Column {
	out, valid := make([]string, len(s.v)), make([]bool, len(s.v))
	for i, v := range s.v {
		if v != nil {
			out[i], valid[i] = string(v.append(nil)), true
		}
	}
	return []vec.Column{{Arr: vec.NewStrings(out, valid)}}
}

func (s *schema) Size() int64 {
	n := 8 * int64(cap(s.v))
	for _, v := range s.v {
		if v != nil {
			n += v.size()
		}
	}
	return n
}

func (s *schema) Encode(b []byte, groups []int32) []byte {
	for _, g := range groups {
		b = s.v[g].encode(b)
	}
	return b
}

func (s *schema) Decode(r *wire.Reader, n int) {
	for i := range n {
		s.v[i] = decodeShape(r, 0)
	}
}

// encode writes a shape, or that there is none.
func (s *shape) encode(b []byte) []byte {
	if b = wire.Bool(b, s != nil); s == nil {
		return b
	}
	b = wire.Uint(b, uint64(len(s.types)))
	for _, t := range s.types {
		b = wire.Bytes(b, t)
	}
	b = wire.Bool(b, s.members != nil) // an object without members is one too
	b = wire.Uint(b, uint64(len(s.names)))
	for _, name := range s.names {
		b = s.members[name].encode(wire.Bytes(b, name))
	}
	return s.items.encode(b)
}

// maxDepth is how deep shapes may be nested: more than JSON is read.
const maxDepth = 10_000

func decodeShape(r *wire.Reader, depth int) *shape {
	if !r.Bool() || depth > maxDepth {
		return nil
	}
	s := &shape{}
	for range r.Len(1) {
		s.types = append(s.types, r.Str())
	}
	if r.Bool() {
		s.members = map[string]*shape{}
	}
	for range r.Len(1) {
		name := r.Str()
		s.names = append(s.names, name)
		if m := decodeShape(r, depth+1); m != nil && s.members != nil {
			s.members[name] = m
		}
	}
	s.items = decodeShape(r, depth+1)
	return s
}
