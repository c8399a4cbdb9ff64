package vec

import "github.com/apache/arrow/go/v15/arrow/array"

// Coded is a column that is not spread over its rows yet: strings, or what was
// computed from them, by the codes of a dictionary. What is done with it is
// done by code, in the width that the codes are kept in.
type Coded struct {
	*Packed
	Sel []int32 // the rows of the codes that count, in order; nil: all
	// Of has a value for each of the dictionary's; nil: those themselves.
	Of *Column
	// Kin is about how many rows come with the dictionary in all.
	Kin int
}

// value is what stands for the dictionary's values, a row each.
func (c *Coded) value() Column {
	if c.Of != nil {
		return *c.Of
	}
	return Column{Arr: c.Values}
}

// code is the code of row i of those that count.
func (c *Coded) code(i int) int32 {
	if c.Sel != nil {
		i = int(c.Sel[i])
	}
	switch {
	case c.B8 != nil:
		return int32(c.B8[i])
	case c.B16 != nil:
		return int32(c.B16[i])
	}
	return c.B32[i]
}

// Map puts to[code] into out for each row that counts. It reports whether any
// of them is negative, which callers use for what is not known yet.
func (c *Coded) Map(to, out []int32) bool {
	switch {
	case c.B8 != nil:
		return codesMap(c.B8, c.Sel, to, out)
	case c.B16 != nil:
		return codesMap(c.B16, c.Sel, to, out)
	}
	return codesMap(c.B32, c.Sel, to, out)
}

func codesMap[T uint8 | uint16 | int32](codes []T, sel, to, out []int32) bool {
	any := int32(0)
	if sel == nil {
		out = out[:len(codes)]
		for i, c := range codes {
			v := to[c]
			out[i] = v
			any |= v
		}
		return any < 0
	}
	out = out[:len(sel)]
	for i, row := range sel {
		v := to[codes[row]]
		out[i] = v
		any |= v
	}
	return any < 0
}

// Codes appends the codes of the rows that count to out.
func (c *Coded) Codes(out []int32) []int32 {
	switch {
	case c.B8 != nil:
		return appendCodes(out, c.B8, c.Sel)
	case c.B16 != nil:
		return appendCodes(out, c.B16, c.Sel)
	}
	return appendCodes(out, c.B32, c.Sel)
}

func appendCodes[T uint8 | uint16 | int32](out []int32, codes []T, sel []int32) []int32 {
	if sel == nil {
		for _, c := range codes {
			out = append(out, int32(c))
		}
		return out
	}
	for _, row := range sel {
		out = append(out, int32(codes[row]))
	}
	return out
}

// AppendByCode appends to out what each row that counts has in to, by code.
func AppendByCode[V any](out []V, c *Coded, to []V) []V {
	switch {
	case c.B8 != nil:
		return appendByCode(out, c.B8, c.Sel, to)
	case c.B16 != nil:
		return appendByCode(out, c.B16, c.Sel, to)
	}
	return appendByCode(out, c.B32, c.Sel, to)
}

func appendByCode[V any, T uint8 | uint16 | int32](out []V, codes []T, sel []int32, to []V) []V {
	if sel == nil {
		for _, c := range codes {
			out = append(out, to[c])
		}
		return out
	}
	for _, row := range sel {
		out = append(out, to[codes[row]])
	}
	return out
}

// A GroupKey is a column of the rows to be grouped, in one of its forms.
type GroupKey struct {
	Col   Column
	Coded *Coded
	Bins  *Bins
}

// keysOf makes keys of columns.
func keysOf(cols []Column) []GroupKey {
	out := make([]GroupKey, len(cols))
	for i, c := range cols {
		out[i].Col = c
	}
	return out
}

// number numbers the rows of a key; values not seen before get a number.
func (k *keyColumn) number(key GroupKey, n int, out []int32) {
	switch {
	case key.Bins != nil:
		k.numberBins(key.Bins, out)
		return
	case key.Coded == nil:
		k.each(key.Col, n, out, true)
		return
	}
	c := key.Coded
	if k.numbers != nil && c.Of == nil && (c.Kin >= c.Values.Len() || k.numbers.Worth(c.Values, n)) {
		k.rememberNumbers(c.Values)
	} else {
		k.rememberSorted(c.Values)
	}
	if !c.Map(k.memo, out) {
		return
	}
	value := c.value()
	inner := innerCodes(value)
	for i, id := range out[:n] {
		if id >= 0 {
			continue
		}
		code := c.code(i)
		if id = k.memo[code]; id < 0 {
			if k.given != nil {
				id = k.ofNumber(k.given[code], c.Values.Value(int(code)))
			} else {
				id = k.ofCode(value, inner, int(code))
			}
			k.memo[code] = id
		}
		out[i] = id
	}
}

// inner is a column of values that is a dictionary itself, as what is computed
// from a dictionary mostly is: its values are numbered once each.
type inner struct {
	codes  []int32
	values *array.String
	memo   []int32
}

func innerCodes(c Column) *inner {
	d, ok := c.Dict()
	if !ok || d.NullN() > 0 {
		return nil
	}
	values := d.Dictionary().(*array.String)
	return &inner{codes: Codes(d), values: values, memo: fill(int32(-1), values.Len())}
}

func (k *keyColumn) ofCode(value Column, in *inner, code int) int32 {
	if in == nil {
		return k.of(value, code, true)
	}
	at := in.codes[code]
	id := in.memo[at]
	if id < 0 {
		id = k.ofStr(in.values.Value(int(at)), true)
		in.memo[at] = id
	}
	return id
}

// remember makes the memo that of a dictionary.
func (k *keyColumn) remember(values *array.String) {
	if k.dict == nil || !SameArray(k.dict, values) {
		k.dict, k.memo, k.sorted, k.given = values, fill(int32(-1), values.Len()), false, nil
	}
}

// rememberNumbers makes the memo that of a dictionary whose values are numbered.
func (k *keyColumn) rememberNumbers(values *array.String) {
	if k.dict != nil && SameArray(k.dict, values) {
		return
	}
	numbers, most := k.numbers.Of(values)
	if k.direct {
		k.dict, k.memo, k.sorted, k.given, k.top = values, numbers, false, numbers, max(k.top, most+1)
		return
	}
	k.dict, k.memo, k.sorted, k.given = values, make([]int32, len(numbers)), false, numbers
	if int(most) >= len(k.local) {
		k.local = append(k.local, fill(int32(-1), int(most)+1+int(most)/8-len(k.local))...)
	}
	for code, number := range numbers {
		k.memo[code] = k.local[number]
	}
}

// maxWalk is how many values dictionaries may have to be walked through side by
// side: larger ones have too little in common.
const maxWalk = 1 << 14

// rememberSorted is remember for dictionaries in ascending order. Those of
// extents that follow each other mostly have the same values of computers,
// types and such: what the last one had keeps its number without a look at the
// table.
func (k *keyColumn) rememberSorted(values *array.String) {
	last, _ := k.dict.(*array.String)
	if last != nil && SameArray(last, values) {
		return
	}
	memo := k.memo
	k.dict, k.memo, k.given = values, fill(int32(-1), values.Len()), nil
	if last == nil || !k.sorted || last.Len() > maxWalk || values.Len() > maxWalk {
		k.sorted = true
		return
	}
	i, j := 0, 0
	for i < last.Len() && j < values.Len() {
		a, b := last.Value(i), values.Value(j)
		switch {
		case a == b:
			k.memo[j] = memo[i]
			i, j = i+1, j+1
		case a < b:
			i++
		default:
			j++
		}
	}
}
