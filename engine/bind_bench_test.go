package engine_test

import (
	"fmt"
	"strings"
	"testing"

	"tidemark/engine"
	"tidemark/table"
)

// builtins is a catalog of the built-in tables, empty.
type builtins struct{}

func (builtins) Table(name string) (table.Source, bool) {
	s, ok := table.Builtin(name)
	if !ok {
		return nil, false
	}
	return table.NewMemory(name, s), true
}

func (builtins) Tables() []string { return table.BuiltinNames() }

// longQuery is a query of thirty lines as analysts write them.
const longQuery = `let Window = 7d;
let Watched = dynamic([@"c:\windows\system32\drivers", "/etc/ssh", "/etc/cron.d"]);
let Os = Heartbeat
| summarize arg_max(TimeGenerated, OSType) by Computer
| project Computer, OSType;
let Files = ConfigurationChange
| where TimeGenerated > ago(Window)
| where ConfigChangeType == "Files" and ChangeCategory in ("Added", "Modified")
| where FileSystemPath has_any (Watched) or FileSystemPath endswith ".exe"
| extend Folder = tolower(extract(@"^(.*)[\\/]", 1, FileSystemPath))
| extend Extension = tolower(extract(@"\.([A-Za-z0-9]{1,8})$", 1, FileSystemPath))
| extend Grew = coalesce(Size, 0) - coalesce(PreviousSize, 0)
| project TimeGenerated, Computer, FileSystemPath, Folder, Extension, Grew, FieldsChanged, FileContentChecksum;
let Services = ConfigurationChange
| where TimeGenerated > ago(Window)
| where ConfigChangeType in ("WindowsServices", "Daemons") and SvcState =~ "stopped"
| summarize Stops = count(), Last = max(TimeGenerated) by Computer, SvcName
| where Stops >= 3;
Files
| summarize Changes = count(), Folders = dcount(Folder), First = min(TimeGenerated), Last = max(TimeGenerated),
    Biggest = max(Grew), Paths = make_set(FileSystemPath, 20), Sums = make_set(FileContentChecksum, 20) by Computer, Extension
| join kind=leftouter (Services | summarize Services = make_set(SvcName), Stops = sum(Stops) by Computer) on Computer
| lookup kind=leftouter Os on Computer
| extend Score = iff(Stops > 5, 10, 0) + case(Extension == "exe", 5, Extension in ("dll", "sys"), 3, 1) * Changes
| extend Severity = case(Score > 50, "high", Score > 20, "medium", "low")
| where Severity != "low" or isnotempty(Services)
| project Computer, OSType, Extension, Changes, Folders, First, Last, Biggest, Paths, Sums, Services, Stops, Score, Severity
| sort by Score desc, Computer asc
| take 100`

func BenchmarkCheck(b *testing.B) {
	values := make([]string, 10000)
	for i := range values {
		values[i] = fmt.Sprintf("%q", fmt.Sprintf("c-%d", i))
	}
	for _, c := range []struct{ name, query string }{
		{"30lines", longQuery},
		{"10000literals", "ConfigurationChange | where Computer in (" + strings.Join(values, ", ") + ")"},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for range b.N {
				if out := engine.Check(c.query, builtins{}, engine.Options{}, false); out.Diagnostics.Fatal() {
					b.Fatal(out.Diagnostics)
				}
			}
		})
	}
}
