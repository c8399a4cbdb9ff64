package queries_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"tidemark"
	"tidemark/examples/data"
	"tidemark/examples/queries"
)

// answers has for each query a column of its answer: the values, sorted.
var answers = map[string]struct {
	column string
	values []string
}{
	"01-registry-key":               {"FieldsChanged", []string{"Acls"}},
	"02-drivers":                    {"FileSystemPath", nil},
	"02b-drivers":                   {"Computer", repeat("dc-01", 6, "file-01", 4, "web-01", 6)},
	"03-hosts-file":                 {"Computer", []string{"dc-01", "web-01"}},
	"04-web-server-stopped":         {"SvcName", repeat("W3SVC", 4)},
	"05-ssh-not-running":            {"SvcState", []string{"failed", "running", "running", "stopped", "stopped"}},
	"05b-ssh-not-running":           {"Computer", []string{"bastion-01", "bastion-01", "lnx-db-01"}},
	"06-software-added":             {"SoftwareType", repeat("Application", 3, "Package", 1, "Update", 42)},
	"07-agent-version":              {"CurrentVersion", repeat("10.20.18067.0", 4, "8.0.11049.0", 6)},
	"11-rare-software":              {"SoftwareName", []string{"7-Zip 24.09 (x64)", "SwiftDesk Remote Support", "netcat-traditional"}},
	"12-persistence":                {"Computer", []string{"bastion-01", "bastion-01", "dc-01", "lnx-db-01", "web-01", "web-01"}},
	"13-same-file-several-machines": {"FileSystemPath", []string{"/etc/cron.d/sysupd", "/etc/passwd", "/etc/shadow", `c:\windows\system32\drivers\etc\hosts`, `c:\windows\system32\drivers\rtcore64.sys`}},
	"14-services-now":               {"SvcName", []string{"VSS", "WinDefend", "WinDefend", "fail2ban", "ssh"}},
	"15-stopped-how-often":          {"SvcName", []string{"fail2ban", "nginx", "pgbouncer", "vss", "windefend"}},
	"16-accounts-and-logins":        {"OSName", repeat("Ubuntu 24.04", 7)},
}

// repeat makes lists such as a, a, b from a, 2, b, 1.
func repeat(pairs ...any) []string {
	var out []string
	for i := 0; i < len(pairs); i += 2 {
		out = append(out, slices.Repeat([]string{pairs[i].(string)}, pairs[i+1].(int))...)
	}
	return out
}

func shop(t *testing.T) *tidemark.DB {
	t.Helper()
	db, err := tidemark.Open("")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	err = data.Load(context.Background(), db, func(name string, s tidemark.IngestStats) {
		if s.RowsIn == 0 || s.RowsRejected != 0 || s.RowsDuplicate != 0 {
			t.Errorf("%s: %d rows, %d rejected, %d known already: %v", name, s.RowsIn, s.RowsRejected, s.RowsDuplicate, s.Rejects)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	return db
}

func ask(t *testing.T, db *tidemark.DB, text string) []tidemark.Row {
	t.Helper()
	result, err := db.Query(context.Background(), text)
	if err != nil {
		t.Fatal(err)
	}
	defer result.Close()
	var rows []tidemark.Row
	for row, err := range result.Rows(context.Background()) {
		if err != nil {
			t.Fatal(err)
		}
		rows = append(rows, row)
	}
	return rows
}

func TestQueries(t *testing.T) {
	db := shop(t)
	for _, q := range queries.All() {
		t.Run(q.Name, func(t *testing.T) {
			rows := ask(t, db, q.Text)
			want, ok := answers[q.Name]
			if !ok {
				if len(rows) < 10 {
					t.Errorf("%d rows", len(rows))
				}
				return
			}
			var got []string
			for _, r := range rows {
				got = append(got, r.String(want.column))
			}
			slices.Sort(got)
			if !slices.Equal(got, want.values) {
				t.Errorf("%s: %q, want %q", want.column, got, want.values)
			}
		})
	}
}

// The queries that people copy are answered, and what is odd about them is
// said.
func TestWarnings(t *testing.T) {
	db := shop(t)
	for _, q := range queries.All() {
		result, err := db.Query(context.Background(), q.Text)
		if err != nil {
			t.Fatal(err)
		}
		result.Close()
		odd := q.Name == "02-drivers" || q.Name == "03-hosts-file"
		if (len(result.Warnings) > 0) != odd {
			t.Errorf("%s: warnings %v", q.Name, result.Warnings)
		}
	}
}

// Loading twice changes nothing, but for the portal's rows, which have no
// identifier.
func TestLoadAgain(t *testing.T) {
	db := shop(t)
	err := data.Load(context.Background(), db, func(name string, s tidemark.IngestStats) {
		if !strings.HasSuffix(name, ".csv") && s.RowsIn != 0 {
			t.Errorf("%s: %d rows came again", name, s.RowsIn)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
}
