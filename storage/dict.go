package storage

// A dictionary is stored as
//
//	number   strings
//	byte     form: 0 bytes, 1 lower-case hex digits, 2 upper-case
//	byte     width of the lengths, 255: all have the same length
//	...      the length (number), or a section of lengths packed
//	section  the strings, one after the other
//
// Hex digits take half a byte each: checksums are the bulk of what a change
// log holds, and no general compressor does them better or as fast.
const (
	dictBytes    = 0
	dictHexLower = 1
	dictHexUpper = 2
	sameLength   = 255
)

func encodeDict(w *writer, d *dict, comp compressor) {
	n := d.len()
	w.uint(uint64(n))
	form := hexForm(d.data)
	w.byte(form)
	longest, shortest := 0, maxStringBytes
	for i := 0; i < n; i++ {
		l := int(d.offsets[i+1] - d.offsets[i])
		longest, shortest = max(longest, l), min(shortest, l)
	}
	if longest == shortest {
		w.byte(sameLength)
		w.uint(uint64(longest))
	} else {
		width := packWidth(uint64(longest))
		w.byte(byte(width))
		w.section(pack(nil, n, width, func(i int) uint64 { return uint64(d.offsets[i+1] - d.offsets[i]) }), comp)
	}
	if form == dictBytes {
		w.section(d.data, comp)
		return
	}
	w.section(packHex(d.data), noCompression)
}

// decodeDict reads a dictionary of at most most strings. It returns emptyDict
// when r fails.
func decodeDict(r *reader, most int) *dict {
	n := r.count(max(most, 1))
	form := r.byte()
	width := int(r.byte())
	offsets := make([]int32, n+1)
	switch {
	case n == 0 || form > dictHexUpper || width > 31 && width != sameLength:
		r.fail("dictionary")
	case width == sameLength:
		each := r.uint()
		if each > maxStringBytes || each*uint64(n) > maxStringBytes {
			r.fail("dictionary")
			break
		}
		for i := range offsets {
			offsets[i] = int32(i * int(each))
		}
	default:
		packed := r.section(packedSize(n, width))
		if r.err == nil {
			unpack(offsets[1:], packed, width, 0, 1)
			sumUp(r, offsets)
		}
	}
	if r.err != nil {
		return emptyDict
	}
	total := int(offsets[n])
	if form == dictBytes {
		data := r.section(total)
		if r.err != nil {
			return emptyDict
		}
		return newDict(offsets, data)
	}
	packed := r.section((total + 1) / 2)
	if r.err != nil {
		return emptyDict
	}
	return newDict(offsets, unpackHex(packed, total, form == dictHexUpper))
}

// sumUp turns lengths into offsets.
func sumUp(r *reader, offsets []int32) {
	sum := int64(0)
	for i := 1; i < len(offsets); i++ {
		sum += int64(offsets[i])
		if sum > maxStringBytes {
			r.fail("dictionary")
			return
		}
		offsets[i] = int32(sum)
	}
}

const (
	lowerDigits = "0123456789abcdef"
	upperDigits = "0123456789ABCDEF"
)

// hexForm tells whether all of b is hex digits of one case.
func hexForm(b []byte) byte {
	lower, upper := len(b) > 0, len(b) > 0
	for _, c := range b {
		switch {
		case c >= '0' && c <= '9':
		case c >= 'a' && c <= 'f':
			upper = false
		case c >= 'A' && c <= 'F':
			lower = false
		default:
			return dictBytes
		}
	}
	switch {
	case lower:
		return dictHexLower
	case upper:
		return dictHexUpper
	}
	return dictBytes
}

func nibble(c byte) byte {
	if c <= '9' {
		return c - '0'
	}
	return c&0xf + 9
}

func packHex(b []byte) []byte {
	out := make([]byte, (len(b)+1)/2)
	for i := 0; i+1 < len(b); i += 2 {
		out[i/2] = nibble(b[i])<<4 | nibble(b[i+1])
	}
	if len(b)%2 == 1 {
		out[len(b)/2] = nibble(b[len(b)-1]) << 4
	}
	return out
}

func unpackHex(b []byte, n int, upper bool) []byte {
	pairs := &lowerPairs
	if upper {
		pairs = &upperPairs
	}
	out := make([]byte, n+1)
	for i, c := range b {
		p := &pairs[c]
		out[2*i], out[2*i+1] = p[0], p[1]
	}
	return out[:n:n]
}

// mergeDicts returns the union of sorted dictionaries and, for each of them,
// the place of its strings in the union.
func mergeDicts(dicts []*dict) (*dict, [][]int32) {
	maps := make([][]int32, len(dicts))
	total := 0
	h := make(dictHeap, 0, len(dicts))
	for i, d := range dicts {
		maps[i] = make([]int32, d.len())
		total += len(d.data)
		h = append(h, dictCursor{s: d.at(0), src: i})
	}
	h.init()
	offsets := []int32{0}
	data := make([]byte, 0, min(total, maxStringBytes))
	last := ""
	for len(h) > 0 {
		top := &h[0]
		if len(offsets) == 1 || top.s != last {
			data = append(data, top.s...)
			offsets = append(offsets, int32(len(data)))
			last = top.s
		}
		maps[top.src][top.i] = int32(len(offsets) - 2)
		top.i++
		if d := dicts[top.src]; top.i < d.len() {
			top.s = d.at(top.i)
		} else {
			h[0] = h[len(h)-1]
			h = h[:len(h)-1]
		}
		h.down(0)
	}
	return newDict(offsets, data), maps
}

type dictCursor struct {
	s      string
	src, i int
}

// dictHeap is a heap of cursors by string.
type dictHeap []dictCursor

func (h dictHeap) init() {
	for i := len(h)/2 - 1; i >= 0; i-- {
		h.down(i)
	}
}

func (h dictHeap) down(i int) {
	for {
		l := 2*i + 1
		if l >= len(h) {
			return
		}
		if r := l + 1; r < len(h) && h[r].s < h[l].s {
			l = r
		}
		if h[i].s <= h[l].s {
			return
		}
		h[i], h[l] = h[l], h[i]
		i = l
	}
}
