package parser

import (
	"strconv"
	"strings"
	"testing"
)

const sevenLines = `ConfigurationChange // comment
| where TimeGenerated > ago(7d) and ConfigChangeType == "Files" and (FileSystemPath has "drivers" or ChangeCategory == "Added")
| extend Delta = FileContentChecksum != PreviousFileContentChecksum, Bucket = bin(TimeGenerated, 5m)
| summarize N = count(), Last = max(TimeGenerated), P = percentile(Size, 99) by Bucket, Computer
| where N > 10 and P / N > 3.5
| order by N desc, Bucket asc
| take 100`

const thirtyLines = `let lookback = 14d;
let critical = dynamic(["/etc/passwd", "/etc/shadow", "/etc/sudoers"]);
let Hosts = materialize(
    Heartbeat
    | where TimeGenerated > ago(lookback)
    | summarize arg_max(TimeGenerated, OSType, ComputerEnvironment) by Computer
    | project Computer, OSType, ComputerEnvironment);
let Rate = (T:(Computer:string, TimeGenerated:datetime), span:timespan) {
    T | summarize Changes = count() by Computer, bin(TimeGenerated, span)
};
ConfigurationChange
| where TimeGenerated between (ago(lookback) .. now())
| where ConfigChangeType in ("Files", "Registry", "Daemons")
| where FileSystemPath in (critical) or RegistryKey startswith "HKEY_LOCAL_MACHINE"
| extend Detail = case(
    ConfigChangeType == "Files", strcat(FileSystemPath, " ", FieldsChanged),
    ConfigChangeType == "Registry", strcat(RegistryKey, "\\", ValueName),
    SvcName)
| join kind=leftouter hint.strategy=broadcast (Hosts) on Computer
| project-away Computer1, Previous*
| mv-expand Field = split(FieldsChanged, ",") to typeof(string)
| summarize Changes = count(), Fields = make_set(Field, 20), Last = max(TimeGenerated)
    by Computer, OSType, ConfigChangeType, Detail
| extend Age = now() - Last, Score = iff(OSType == "Linux", Changes * 2, Changes)
| where Score >= 3 and not(Detail matches regex @"^/tmp/.*\.log$")
| lookup kind=leftouter (datatable(OSType:string, Team:string) ["Linux", "unix", "Windows", "win"]) on OSType
| sort by Score desc nulls last, Last desc
| project-reorder Computer, Team, Score
| top 50 by Score desc
| render table with (title="Changes")`

func benchmark(b *testing.B, text string) {
	b.ReportAllocs()
	for b.Loop() {
		if _, errs := Parse(text); len(errs) > 0 {
			b.Fatal(errs[0].Render(text, func(s string) int { return len(s) }))
		}
	}
}

func BenchmarkParse(b *testing.B) {
	var list strings.Builder
	list.WriteString("T | where x in (0")
	for i := range 10_000 {
		list.WriteString(", ")
		list.WriteString(strconv.Itoa(i))
	}
	list.WriteString(")")
	b.Run("7 lines", func(b *testing.B) { benchmark(b, sevenLines) })
	b.Run("30 lines", func(b *testing.B) { benchmark(b, thirtyLines) })
	b.Run("10000 literals", func(b *testing.B) { benchmark(b, list.String()) })
}
