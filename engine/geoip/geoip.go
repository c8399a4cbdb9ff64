// Package geoip tells where an address of the Internet is, from a database file
// in MaxMind's format (MMDB), such as the free GeoLite2-City.
package geoip

import (
	"errors"
	"fmt"
	"math"
	"net/netip"
	"os"
	"sync"

	"github.com/oschwald/maxminddb-golang/v2"
)

// DB is a database file. It is opened when it is first needed, once. Its
// methods may be called from many goroutines; nil is a database that nobody
// has named.
type DB struct {
	path   string
	once   sync.Once
	reader *maxminddb.Reader
	err    error
}

// File names the database file at a path, without opening it.
func File(path string) *DB { return &DB{path: path} }

// ErrNone tells that no database file was named.
var ErrNone = errors.New("no MaxMind database is named")

// Open opens the file, where that has not been done.
func (db *DB) Open() error {
	if db == nil {
		return ErrNone
	}
	db.once.Do(func() {
		db.reader, db.err = maxminddb.Open(db.path)
		var at *os.PathError
		if db.err != nil && !errors.As(db.err, &at) { // the library's own errors do not say which file
			db.err = fmt.Errorf("%s is no MaxMind database: %w", db.path, db.err)
		}
	})
	return db.err
}

// Close closes the file. Nothing may be looked up afterwards.
func (db *DB) Close() error {
	if db == nil || db.reader == nil {
		return nil
	}
	return db.reader.Close()
}

// Place is where an address is; what is not known is empty, or NaN.
type Place struct {
	Country, State, City string // in English
	Latitude, Longitude  float64
}

// record is what City databases keep of a network, as far as we read it:
// https://dev.maxmind.com/geoip/docs/databases/city-and-country
type record struct {
	Country      named   `maxminddb:"country"`
	Subdivisions []named `maxminddb:"subdivisions"`
	City         named   `maxminddb:"city"`
	Location     struct {
		Latitude  *float64 `maxminddb:"latitude"`
		Longitude *float64 `maxminddb:"longitude"`
	} `maxminddb:"location"`
}

type named struct {
	Names struct {
		English string `maxminddb:"en"`
	} `maxminddb:"names"`
}

// Find looks an address up in an open database. False means that the database
// says nothing of it.
func (db *DB) Find(at netip.Addr) (Place, bool) {
	if db == nil || db.reader == nil {
		return Place{}, false
	}
	found := db.reader.Lookup(at.Unmap())
	if !found.Found() {
		return Place{}, false
	}
	var r record
	if err := found.Decode(&r); err != nil {
		return Place{}, false
	}
	p := Place{Country: r.Country.Names.English, City: r.City.Names.English, Latitude: math.NaN(), Longitude: math.NaN()}
	if len(r.Subdivisions) > 0 {
		p.State = r.Subdivisions[0].Names.English
	}
	if r.Location.Latitude != nil && r.Location.Longitude != nil {
		p.Latitude, p.Longitude = *r.Location.Latitude, *r.Location.Longitude
	}
	return p, true
}
