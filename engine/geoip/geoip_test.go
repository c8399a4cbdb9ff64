package geoip

import (
	"bytes"
	"encoding/binary"
	"errors"
	"flag"
	"io/fs"
	"maps"
	"math"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the database that tests read anew")

// places is the database that tests read, here and elsewhere. The first
// address is one that MaxMind's own test data has.
var places = map[string]any{
	"2.125.160.216/29": city("United Kingdom", "England", "Boxford", 51.75, -1.25),
	"2001:db8::/32":    city("Kenya", "", "", -1.28333, 36.81667),
	"198.51.100.0/24":  map[string]any{"country": nameOf("Peru")},
	"203.0.113.7/32":   map[string]any{"traits": map[string]any{"note": "nothing that we read"}},
}

const placesFile = "testdata/places.mmdb"

func city(country, state, city string, lat, lng float64) map[string]any {
	out := map[string]any{"country": nameOf(country), "location": map[string]any{"latitude": lat, "longitude": lng}}
	if state != "" {
		out["subdivisions"] = []any{nameOf(state), nameOf("a part of it")}
	}
	if city != "" {
		out["city"] = nameOf(city)
	}
	return out
}

func nameOf(s string) map[string]any {
	return map[string]any{"names": map[string]any{"en": s, "de": "auf deutsch"}}
}

func TestFind(t *testing.T) {
	want := encode(places)
	if *update {
		if err := os.WriteFile(placesFile, want, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := os.ReadFile(placesFile); err != nil || !bytes.Equal(got, want) {
		t.Fatalf("%s is not what the test says (go test ./engine/geoip -update): %v", placesFile, err)
	}
	db := File(placesFile)
	if err := db.Open(); err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	nan := math.NaN()
	for at, want := range map[string]Place{
		"2.125.160.216":        {"United Kingdom", "England", "Boxford", 51.75, -1.25},
		"2.125.160.223":        {"United Kingdom", "England", "Boxford", 51.75, -1.25},
		"::ffff:2.125.160.218": {"United Kingdom", "England", "Boxford", 51.75, -1.25},
		"2001:db8:1::5":        {"Kenya", "", "", -1.28333, 36.81667},
		"198.51.100.200":       {"Peru", "", "", nan, nan},
		"203.0.113.7":          {"", "", "", nan, nan},
	} {
		got, ok := db.Find(netip.MustParseAddr(at))
		if !ok || !same(got, want) {
			t.Errorf("%s: %+v, %t", at, got, ok)
		}
	}
	for _, at := range []string{"2.125.160.224", "203.0.113.8", "2001:db9::1", "10.0.0.1", "::1"} {
		if got, ok := db.Find(netip.MustParseAddr(at)); ok {
			t.Errorf("%s: %+v", at, got)
		}
	}
}

func same(a, b Place) bool {
	equal := func(x, y float64) bool { return x == y || math.IsNaN(x) && math.IsNaN(y) }
	return a.Country == b.Country && a.State == b.State && a.City == b.City && equal(a.Latitude, b.Latitude) && equal(a.Longitude, b.Longitude)
}

func TestOpenErrors(t *testing.T) {
	var none *DB
	if err := none.Open(); !errors.Is(err, ErrNone) {
		t.Error(err)
	}
	if _, ok := none.Find(netip.MustParseAddr("1.1.1.1")); ok || none.Close() != nil {
		t.Error("a database that nobody named has something")
	}
	if err := File(filepath.Join(t.TempDir(), "no.mmdb")).Open(); !errors.Is(err, fs.ErrNotExist) {
		t.Error(err)
	}
	text := filepath.Join(t.TempDir(), "text.mmdb")
	if err := os.WriteFile(text, []byte("no database"), 0o666); err != nil {
		t.Fatal(err)
	}
	if err := File(text).Open(); err == nil || !strings.Contains(err.Error(), text+" is no MaxMind database") {
		t.Error(err)
	}
}

// encode writes a database in MaxMind's format:
// https://maxmind.github.io/MaxMind-DB/
func encode(networks map[string]any) []byte {
	tree := []node{{}}
	var data bytes.Buffer
	for _, name := range slices.Sorted(maps.Keys(networks)) {
		p := netip.MustParsePrefix(name)
		bits, addr := p.Bits(), p.Masked().Addr().As16()
		if p.Addr().Is4() { // IPv4 lies in ::/96
			bits += 96
			addr[10], addr[11] = 0, 0
		}
		at := 0
		for i := range bits {
			side := addr[i/8] >> (7 - i%8) & 1
			if i == bits-1 {
				tree[at][side] = child{data: data.Len() + 1}
				break
			}
			if tree[at][side].node == 0 {
				tree = append(tree, node{})
				tree[at][side].node = len(tree) - 1
			}
			at = tree[at][side].node
		}
		put(&data, networks[name])
	}
	var out bytes.Buffer
	for _, n := range tree {
		for _, c := range n {
			v := len(tree) // nothing there
			switch {
			case c.node > 0:
				v = c.node
			case c.data > 0:
				v = len(tree) + 16 + c.data - 1
			}
			out.Write([]byte{byte(v >> 16), byte(v >> 8), byte(v)})
		}
	}
	out.Write(make([]byte, 16))
	out.Write(data.Bytes())
	out.WriteString("\xab\xcd\xefMaxMind.com")
	put(&out, map[string]any{
		"binary_format_major_version": uint16(2), "binary_format_minor_version": uint16(0), "build_epoch": uint64(1_700_000_000),
		"database_type": "GeoLite2-City", "description": map[string]any{"en": "for tests"}, "ip_version": uint16(6),
		"languages": []any{"en"}, "node_count": uint32(len(tree)), "record_size": uint16(24),
	})
	return out.Bytes()
}

// node has what follows an address bit of 0, and of 1.
type node [2]child

// child is another node, or one more than where data begins.
type child struct{ node, data int }

// put writes a value with its type and size, keys in order.
func put(b *bytes.Buffer, v any) {
	control := func(kind, size int) {
		if kind > 7 {
			b.Write([]byte{byte(size), byte(kind - 7)})
			return
		}
		b.WriteByte(byte(kind<<5 | size))
	}
	switch v := v.(type) {
	case string:
		control(2, len(v))
		b.WriteString(v)
	case float64:
		control(3, 8)
		b.Write(binary.BigEndian.AppendUint64(nil, math.Float64bits(v)))
	case uint16:
		control(5, 2)
		b.Write(binary.BigEndian.AppendUint16(nil, v))
	case uint32:
		control(6, 4)
		b.Write(binary.BigEndian.AppendUint32(nil, v))
	case uint64:
		control(9, 8)
		b.Write(binary.BigEndian.AppendUint64(nil, v))
	case map[string]any:
		control(7, len(v))
		for _, k := range slices.Sorted(maps.Keys(v)) {
			put(b, k)
			put(b, v[k])
		}
	case []any:
		control(11, len(v))
		for _, x := range v {
			put(b, x)
		}
	}
}
