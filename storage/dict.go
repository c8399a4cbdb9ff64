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
	form := d.form()
	w.byte(form)
	longest, shortest := d.lengths(0, n)
	if longest == shortest {
		w.byte(sameLength)
		w.uint(uint64(longest))
	} else {
		width := packWidth(uint64(longest))
		w.byte(byte(width))
		w.section(pack(nil, n, width, func(i int) uint64 { return uint64(d.length(i)) }), comp)
	}
	w.strings(d, 0, n, form, comp)
}

// form is how the strings are stored.
func (d *dict) form() byte {
	if d.hex != dictBytes {
		return d.hex
	}
	return hexForm(d.data)
}

// lengths returns those of the longest and the shortest of strings [a,b).
func (d *dict) lengths(a, b int) (longest, shortest int) {
	most, least := int32(0), int32(maxStringBytes)
	for i, o := range d.offsets[a+1 : b+1] {
		l := o - d.offsets[a+i]
		most, least = max(most, l), min(least, l)
	}
	return int(most) * d.scale(), int(least) * d.scale()
}

// strings appends strings [a,b) as a section.
func (w *writer) strings(d *dict, a, b int, form byte, comp compressor) {
	data := d.data[d.offsets[a]:d.offsets[b]]
	switch {
	case form == dictBytes:
		w.section(data, comp)
	case d.hex != dictBytes:
		w.section(data, noCompression)
	default:
		w.section(packHex(data), noCompression)
	}
}

// decodeDict reads a dictionary of at most most strings. It returns emptyDict
// when r fails. With packed, hex digits are left packed where they can be.
func decodeDict(r *reader, most int, packed bool) *dict {
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
		lengths := r.section(packedSize(n, width))
		if r.err == nil {
			unpack(offsets[1:], lengths, width, 0, 1)
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
	digits := r.section((total + 1) / 2)
	if r.err != nil {
		return emptyDict
	}
	if packed && even(offsets) {
		for i := range offsets {
			offsets[i] /= 2
		}
		return newHexDict(offsets, digits, form)
	}
	return newDict(offsets, unpackHex(digits, total, form))
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

// mergeDicts returns the union of sorted dictionaries and, for each of them,
// the place of its strings in the union.
func mergeDicts(dicts []*dict) (*dict, [][]int32) {
	dicts = sameForm(dicts)
	maps := make([][]int32, len(dicts))
	total, most := 0, 0
	h := make(dictHeap, 0, len(dicts))
	for i, d := range dicts {
		maps[i] = make([]int32, d.len())
		total, most = total+len(d.data), max(most, d.len())
		h = append(h, dictCursor{s: d.key(0), src: i})
	}
	h.init()
	offsets := make([]int32, 1, most+1)
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
			top.s = d.key(top.i)
		} else {
			h[0] = h[len(h)-1]
			h = h[:len(h)-1]
		}
		h.down(0)
	}
	return dicts[0].like(offsets, data), maps
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
