package fn

import (
	"fmt"
	"math"
	"net/netip"
	"strconv"
	"strings"

	"tidemark/engine/vec"
	"tidemark/internal/dyn"
)

func init() {
	register(Scalar{
		Name: "geo_info_from_ip_address", Family: geoFamily,
		Doc:       "Tells country, state, city, latitude and longitude of an IPv4 or IPv6 address, as far as they are known, from a MaxMind database file that --geoip, $TIDEMARK_GEOIP or the option GeoIP names.",
		Examples:  []Example{{`print geo_info_from_ip_address("2.125.160.216")`, `{"country":"United Kingdom","state":"England","city":"Boxford","latitude":51.75,"longitude":-1.25}`}},
		Overloads: []Overload{geoInfo()},
		Needs:     needsGeoIP,
	})
}

func needsGeoIP(env *Env) error {
	err := env.GeoIP.Open()
	if err == nil {
		return nil
	}
	return &MismatchError{Arg: -1, Msg: fmt.Sprintf("geo_info_from_ip_address() needs a MaxMind database: %v", err),
		Hint: "get GeoLite2-City.mmdb (free, from maxmind.com) and name the file with --geoip or $TIDEMARK_GEOIP, in Go with tidemark.GeoIP"}
}

// geoInfo looks each address up once where it comes in runs.
func geoInfo() Overload {
	o := Try1(func(string) (Dyn, bool) { return "", false }) // for its signature
	o.Kernel = func(a *Args) vec.Column {
		return Try1(func(s string) (Dyn, bool) {
			at, err := netip.ParseAddr(strings.TrimSpace(s))
			if err != nil {
				return "", false
			}
			p, ok := a.Env.GeoIP.Find(at.WithZone(""))
			if !ok {
				return "", false
			}
			b := []byte{'{'}
			for _, m := range []struct{ name, text string }{{"country", p.Country}, {"state", p.State}, {"city", p.City}} {
				if m.text != "" {
					b = dyn.AppendString(append(infoMember(b, m.name), ':'), m.text)
				}
			}
			for _, m := range []struct {
				name string
				v    float64
			}{{"latitude", p.Latitude}, {"longitude", p.Longitude}} {
				if !math.IsNaN(m.v) {
					b = strconv.AppendFloat(append(infoMember(b, m.name), ':'), m.v, 'g', -1, 64)
				}
			}
			return Dyn(append(b, '}')), true
		}).Kernel(a)
	}
	return o
}

// infoMember begins a member of an object that has been begun.
func infoMember(b []byte, name string) []byte {
	if len(b) > 1 {
		b = append(b, ',')
	}
	return dyn.AppendString(b, name)
}
