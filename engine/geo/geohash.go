package geo

import (
	"math"
	"strings"
)

// geohashDigits are those of base 32 without a, i, l and o.
const geohashDigits = "0123456789bcdefghjkmnpqrstuvwxyz"

const maxGeohash = 18 // digits

// box is a geohash's rectangle as whole numbers: of 2^lngBits columns from
// west to east and 2^latBits rows from south to north it is the one at x, y.
type box struct {
	x, y             int64
	lngBits, latBits int
}

func boxBits(digits int) (lngBits, latBits int) {
	bits := 5 * digits
	return (bits + 1) / 2, bits / 2
}

// Geohash is the geohash of a point with so many digits.
func Geohash(lng, lat float64, digits int64) (string, bool) {
	if !validPoint(lng, lat) || digits < 1 || digits > maxGeohash {
		return "", false
	}
	b := box{}
	b.lngBits, b.latBits = boxBits(int(digits))
	b.x = slot((lng+180)/360, b.lngBits)
	b.y = slot((lat+90)/180, b.latBits)
	return b.hash(), true
}

// slot is which of 2^bits parts of [0, 1] a fraction lies in.
func slot(fraction float64, bits int) int64 {
	n := math.Ldexp(1, bits)
	return int64(math.Min(math.Floor(fraction*n), n-1))
}

// hash writes the bits of x and y in turn, x first, five a digit.
func (b box) hash() string {
	var s strings.Builder
	digit := 0
	for i := range b.lngBits + b.latBits {
		v, left := b.x, b.lngBits
		if i%2 == 1 {
			v, left = b.y, b.latBits
		}
		digit = digit<<1 | int(v>>(left-1-i/2)&1)
		if i%5 == 4 {
			s.WriteByte(geohashDigits[digit])
			digit = 0
		}
	}
	return s.String()
}

func parseGeohash(s string) (box, bool) {
	if len(s) < 1 || len(s) > maxGeohash {
		return box{}, false
	}
	b := box{}
	b.lngBits, b.latBits = boxBits(len(s))
	even := true
	for _, c := range strings.ToLower(s) {
		digit := strings.IndexRune(geohashDigits, c)
		if digit < 0 {
			return box{}, false
		}
		for bit := 4; bit >= 0; bit-- {
			v := int64(digit >> bit & 1)
			if even {
				b.x = b.x<<1 | v
			} else {
				b.y = b.y<<1 | v
			}
			even = !even
		}
	}
	return b, true
}

// at is the coordinate of a corner, or with halves of a place between.
func (b box) at(x, y float64) position {
	return position{
		math.Ldexp(x, -b.lngBits)*360 - 180,
		math.Ldexp(y, -b.latBits)*180 - 90,
	}
}

// GeohashCentre is the middle of a geohash's rectangle, as GeoJSON.
func GeohashCentre(hash string) (string, bool) {
	b, ok := parseGeohash(hash)
	if !ok {
		return "", false
	}
	return pointJSON(b.at(float64(b.x)+0.5, float64(b.y)+0.5)), true
}

// GeohashPolygon is a geohash's rectangle, as GeoJSON.
func GeohashPolygon(hash string) (string, bool) {
	b, ok := parseGeohash(hash)
	if !ok {
		return "", false
	}
	west, south := float64(b.x), float64(b.y)
	return ringJSON([]position{
		b.at(west, south), b.at(west+1, south), b.at(west+1, south+1), b.at(west, south+1),
	}), true
}

// GeohashNeighbors are the up to eight geohashes around one, from the north
// clockwise. There are none beyond the poles.
func GeohashNeighbors(hash string) ([]string, bool) {
	b, ok := parseGeohash(hash)
	if !ok {
		return nil, false
	}
	var out []string
	for _, step := range [][2]int64{{0, 1}, {1, 1}, {1, 0}, {1, -1}, {0, -1}, {-1, -1}, {-1, 0}, {-1, 1}} {
		n := b
		n.x = (b.x + step[0]) & (1<<b.lngBits - 1)
		n.y = b.y + step[1]
		if n.y >= 0 && n.y < 1<<b.latBits {
			out = append(out, n.hash())
		}
	}
	return out, true
}
