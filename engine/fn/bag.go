package fn

import (
	"fmt"
	"slices"
	"strings"

	"tidemark/internal/dyn"
	"tidemark/table"
)

func init() {
	register(Scalar{
		Name: "bag_pack", Aliases: []string{"pack", "pack_dictionary"}, Family: "dynamic", Page: "pack-function",
		Doc:       "Makes a property bag of keys and values in turn.",
		Examples:  []Example{{`print bag_pack("Level", "Information", "ProcessID", 1234)`, `{"Level":"Information","ProcessID":1234}`}},
		Overloads: []Overload{{Params: []Param{P(table.String), Any}, Variadic: true, Result: table.Dynamic}},
		Resolve:   resolvePack,
	})
	register(Scalar{
		Name: "bag_keys", Family: "dynamic", Doc: "Lists the keys of a property bag.",
		Examples:  []Example{{`print bag_keys(dynamic({"a": "b", "c": 123}))`, `["a","c"]`}},
		Overloads: []Overload{Try1(bagKeys)},
	})
	register(Scalar{
		Name: "bag_has_key", Family: "dynamic", Doc: "Tells whether a property bag has a key, or a path such as $.a.b.",
		Examples:  []Example{{`print bag_has_key(dynamic({"a": {"b": 1}}), "$.a.b")`, `true`}},
		Overloads: []Overload{Try2(bagHasKey)},
	})
	register(Scalar{
		Name: "bag_merge", Family: "dynamic", Doc: "Joins property bags into one; of a key that comes twice the leftmost value stays.",
		Examples:  []Example{{`print bag_merge(dynamic({"a": 1, "b": 2}), dynamic({"b": 3, "c": 4}))`, `{"a":1,"b":2,"c":4}`}},
		Overloads: []Overload{Rows([]Param{P(table.Dynamic), P(table.Dynamic)}, true, table.Dynamic, bagMerge)},
	})
	register(Scalar{
		Name: "bag_remove_keys", Family: "dynamic", Doc: "Removes keys, or paths such as $.a.b, from a property bag.",
		Examples:  []Example{{`print bag_remove_keys(dynamic({"a": 1, "b": {"c": 2, "d": 3}}), dynamic(["a", "$.b.d"]))`, `{"b":{"c":2}}`}},
		Overloads: []Overload{Try2(bagRemoveKeys)},
	})
	register(Scalar{
		Name: "bag_set_key", Family: "dynamic", Doc: "Sets a key, or a path such as $.a.b, of a property bag.",
		Examples:  []Example{{`print bag_set_key(dynamic({"a": 1}), "$.b.c", "x")`, `{"a":1,"b":{"c":"x"}}`}},
		Overloads: []Overload{Rows([]Param{P(table.Dynamic), P(table.String), Any}, false, table.Dynamic, bagSetKey)},
	})
	register(Scalar{
		Name: "bag_zip", Family: "dynamic", Page: "bag-zip", Doc: "Makes a property bag of an array of keys and one of values.",
		Examples:  []Example{{`print bag_zip(dynamic(["a", "b"]), dynamic([1]))`, `{"a":1,"b":null}`}},
		Overloads: []Overload{Try2(bagZip)},
	})
}

// member is a key, unescaped, and the text of its value.
type member struct{ key, value string }

// members returns a bag's members; of a key that comes twice the last value.
func members(bag string) []member {
	out := make([]member, 0, min(strings.Count(bag, ":"), 16))
	eachMember(bag, func(key, value string) bool {
		out = setMember(out, keyText(key), value)
		return true
	})
	return out
}

func sortedMembers(bag string) []member {
	m := members(bag)
	slices.SortFunc(m, func(a, b member) int { return strings.Compare(a.key, b.key) })
	return m
}

// setMember sets or appends a key. Bags are small: a search is faster than a
// map.
func setMember(m []member, key, value string) []member {
	if i := findMember(m, key); i >= 0 {
		m[i].value = value
		return m
	}
	return append(m, member{key, value})
}

func findMember(m []member, key string) int {
	return slices.IndexFunc(m, func(e member) bool { return e.key == key })
}

func joinMembers(m []member) Dyn {
	b := append(make([]byte, 0, onStack), '{')
	for i, e := range m {
		if i > 0 {
			b = append(b, ',')
		}
		b = dyn.AppendString(b, e.key)
		b = append(b, ':')
		b = append(b, e.value...)
	}
	return Dyn(append(b, '}'))
}

func resolvePack(args []Arg) (Overload, error) {
	if len(args) == 0 || len(args)%2 != 0 {
		return Overload{}, &MismatchError{Arg: -1, Msg: fmt.Sprintf("bag_pack() takes pairs of a key and a value, not %d arguments", len(args)), Hint: "usage: bag_pack(key, value, …)"}
	}
	params := make([]Param, len(args))
	for i := range params {
		params[i] = Any
		if i%2 == 0 {
			params[i] = P(table.String)
		}
	}
	return Rows(params, false, table.Dynamic, func(types []table.Type, row []any) any {
		m := make([]member, 0, len(row)/2)
		for i := 0; i < len(row); i += 2 {
			m = setMember(m, TextOf(table.String, row[i]), JSON(types[i+1], row[i+1]))
		}
		return string(joinMembers(m))
	}), nil
}

func bagKeys(bag Dyn) (Dyn, bool) {
	if !isBag(string(bag)) {
		return "", false
	}
	b := append(make([]byte, 0, onStack), '[')
	for i, m := range members(string(bag)) {
		if i > 0 {
			b = append(b, ',')
		}
		b = dyn.AppendString(b, m.key)
	}
	return Dyn(append(b, ']')), true
}

// bagPath splits a path such as $.a.b or $['a']["b"] into its keys. What does
// not begin with $ is one key.
func bagPath(s string) []string {
	if !strings.HasPrefix(s, "$.") && !strings.HasPrefix(s, "$[") {
		return []string{s}
	}
	var keys []string
	for rest := s[1:]; rest != ""; {
		switch {
		case rest[0] == '.':
			rest = rest[1:]
			n := strings.IndexAny(rest, ".[")
			if n < 0 {
				n = len(rest)
			}
			keys = append(keys, rest[:n])
			rest = rest[n:]
		case len(rest) > 2 && (rest[1] == '\'' || rest[1] == '"') && strings.Contains(rest, rest[1:2]+"]"):
			n := strings.Index(rest, rest[1:2]+"]")
			if n < 2 {
				return []string{s}
			}
			keys = append(keys, rest[2:n])
			rest = rest[n+2:]
		default:
			return []string{s}
		}
	}
	return keys
}

func bagHasKey(bag Dyn, path string) (bool, bool) {
	v := string(bag)
	if !isBag(v) {
		return false, false
	}
	for _, key := range bagPath(path) {
		m := members(v)
		i := findMember(m, key)
		if i < 0 {
			return false, true
		}
		v = m[i].value
	}
	return true, true
}

// bagMerge passes over what is null or no bag.
func bagMerge(_ []table.Type, row []any) any {
	var all []member
	found := false
	for _, v := range row {
		bag, _ := v.(string)
		if !isBag(bag) {
			continue
		}
		found = true
		for _, m := range members(bag) {
			if findMember(all, m.key) < 0 {
				all = append(all, m)
			}
		}
	}
	if !found {
		return nil
	}
	return string(joinMembers(all))
}

func bagRemoveKeys(bag, keys Dyn) (Dyn, bool) {
	if !isBag(string(bag)) || !isArray(string(keys)) {
		return "", false
	}
	m := members(string(bag))
	for _, k := range elements(string(keys)) {
		if s, ok := dynString(k); ok {
			m = removePath(m, bagPath(s))
		}
	}
	return joinMembers(m), true
}

func removePath(m []member, path []string) []member {
	i := findMember(m, path[0])
	switch {
	case i < 0:
	case len(path) == 1:
		return slices.Delete(m, i, i+1)
	case isBag(m[i].value):
		m[i].value = string(joinMembers(removePath(members(m[i].value), path[1:])))
	}
	return m
}

func bagSetKey(types []table.Type, row []any) any {
	bag, _ := row[0].(string)
	key, _ := row[1].(string)
	if !isBag(bag) {
		return nil
	}
	return string(joinMembers(setPath(members(bag), bagPath(key), JSON(types[2], row[2]))))
}

// setPath makes the bags on its way, in place of anything else there.
func setPath(m []member, path []string, value string) []member {
	if len(path) > 1 {
		var inner []member
		if i := findMember(m, path[0]); i >= 0 {
			inner = members(m[i].value)
		}
		value = string(joinMembers(setPath(inner, path[1:], value)))
	}
	return setMember(m, path[0], value)
}

// bagZip leaves out keys that are not strings, and values without a key.
func bagZip(keys, values Dyn) (Dyn, bool) {
	if !isArray(string(keys)) || !isArray(string(values)) {
		return "", false
	}
	var m []member
	v := elements(string(values))
	for i, k := range elements(string(keys)) {
		key, ok := dynString(k)
		switch {
		case !ok:
		case i < len(v):
			m = setMember(m, key, v[i])
		default:
			m = setMember(m, key, "null")
		}
	}
	return joinMembers(m), true
}
