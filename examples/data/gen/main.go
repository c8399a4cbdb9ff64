// Command gen writes the example data: two weeks of six servers of a small
// shop, as four formats of agents and exports, with an intrusion of two days
// in them. It is deterministic, so that answers can be written down.
//
//	go run ./examples/data/gen examples/data
package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

func main() {
	dir := "."
	if len(os.Args) > 1 {
		dir = os.Args[1]
	}
	for name, data := range files() {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o644); err != nil {
			log.Fatal(err)
		}
	}
}

// files makes the files, by name.
func files() map[string][]byte {
	w := windows()
	story(w)
	return map[string][]byte{
		"portal-export.csv":        w.portal(),
		"windows-changes.ndjson":   w.export(),
		"windows-inventory.ndjson": inventory(),
		"linux-agent.ndjson":       linux(),
		"heartbeat.ndjson":         heartbeat(),
	}
}

// row is a row of Log Analytics. Marshalling sorts its keys.
type row map[string]any

// with returns a copy with more columns.
func (r row) with(more row) row {
	out := row{}
	for _, m := range []row{r, more} {
		for k, v := range m {
			out[k] = v
		}
	}
	return out
}

// machine is a Windows server that an Azure agent watches.
type machine struct {
	name, agent, resource, os string
	shift                     time.Duration // of its collections against the others'
}

const (
	subscription = "7c1f0b8e-52d4-4a9c-9d51-0e7a6b1f2c33"
	workspace    = "1d3a2f60-7f8e-4b0e-8d1c-6f4f3f0f9a11"
)

func newMachine(name, os string, shift time.Duration) *machine {
	id := hash("agent", name)
	return &machine{
		name: name, os: os, shift: shift,
		agent:    strings.Join([]string{id[:8], id[8:12], "4" + id[13:16], "a" + id[17:20], id[20:32]}, "-"),
		resource: "/subscriptions/" + subscription + "/resourcegroups/rg-shop/providers/microsoft.compute/virtualmachines/" + name,
	}
}

var (
	web  = newMachine("web-01", "Windows", 0)
	dc   = newMachine("dc-01", "Windows", 4*time.Minute+11*time.Second)
	file = newMachine("file-01", "Windows", 9*time.Minute+37*time.Second)
)

// day is a time of March 2026, in which all this happens.
func day(d, hour, minute int) time.Time { return time.Date(2026, 3, d, hour, minute, 0, 0, time.UTC) }

// stamp is when a machine's collection at about t took place: all rows of one
// collection share it, with the seven digits that Azure writes.
func (m *machine) stamp(t time.Time) string {
	t = t.Add(m.shift)
	ticks := sha256.Sum256([]byte(m.name + t.String()))
	return t.Format("2006-01-02T15:04:05") + fmt.Sprintf(".%02d%02d%03dZ", ticks[0]%100, ticks[1]%100, int(ticks[2])*3+1)
}

func hash(parts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return hex.EncodeToString(sum[:])
}

// lines writes values as JSON, one a line, without escaping < and > for HTML.
func lines[T any](values []T) []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	for _, v := range values {
		if err := e.Encode(v); err != nil {
			log.Fatal(err)
		}
	}
	return b.Bytes()
}

// heartbeat is what tells the operating system of a computer: changes do not.
func heartbeat() []byte {
	var rows []row
	for d := 2; d <= 13; d++ {
		for _, m := range []*machine{web, dc, file} {
			rows = append(rows, m.beat(day(d, 6, 0), "Windows Server 2022", "OpsManager"))
		}
		for _, name := range linuxNames {
			m := newMachine(name, "Linux", time.Duration(len(name))*time.Second)
			rows = append(rows, m.beat(day(d, 6, 0), "Ubuntu 24.04", "Linux"))
		}
	}
	slices.SortStableFunc(rows, byTime)
	return lines(rows)
}

func (m *machine) beat(t time.Time, product, system string) row {
	at := m.stamp(t)
	return row{
		"Type": "Heartbeat", "TimeGenerated": at, "Computer": m.name, "OSType": m.os, "OSName": product,
		"Category": "Azure Monitor Agent", "SourceSystem": system, "SourceComputerId": m.agent,
		"_ResourceId": m.resource, "_SubscriptionId": subscription, "TenantId": workspace,
		"_ItemId": itemID("beat", m.name, at),
	}
}

func itemID(parts ...string) string {
	id := hash(parts...)
	return strings.Join([]string{id[:8], id[8:12], id[12:16], id[16:20], id[20:32]}, "-")
}

func byTime(a, b row) int {
	return strings.Compare(a["TimeGenerated"].(string), b["TimeGenerated"].(string))
}
