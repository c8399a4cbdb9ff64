package main

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"
)

// changes collects rows of ConfigurationChange.
type changes struct {
	rows []row
	rnd  *rand.Rand
}

// add adds a row to what machine m reports of about time t.
func (c *changes) add(m *machine, t time.Time, r row) {
	at := m.stamp(t)
	c.rows = append(c.rows, row{
		"Type": "ConfigurationChange", "TimeGenerated": at, "Computer": m.name, "SourceComputerId": m.agent,
		"SourceSystem": "OpsManager", "ManagementGroupName": "AOI-" + workspace, "TenantId": workspace,
		"_ResourceId": m.resource, "_SubscriptionId": subscription,
		"_ItemId": itemID(fmt.Sprint(len(c.rows)), m.name, at),
	}.with(r))
}

// service is a change of a service's state.
func (c *changes) service(m *machine, t time.Time, name, title, from, to string) {
	c.add(m, t, row{
		"ConfigChangeType": "WindowsServices", "ChangeCategory": "Modified", "SvcChangeType": "State",
		"SvcName": name, "SvcDisplayName": title, "SvcState": to, "SvcPreviousState": from,
		"SvcStartupType": "Auto", "SvcAccount": "LocalSystem",
	})
}

// restart is a stop seen by one collection and a start seen by the next.
func (c *changes) restart(m *machine, t time.Time, name, title string) {
	c.service(m, t, name, title, "Running", "Stopped")
	c.service(m, t.Add(30*time.Minute), name, title, "Stopped", "Running")
}

// file is a change of a file. Versions stand for the contents; an empty one
// means that the file is not there.
func (c *changes) file(m *machine, t time.Time, path, before, after string, size int) {
	written := t.Add(-7 * time.Minute).Format("2006-01-02T15:04:05Z")
	r := row{"ConfigChangeType": "Files", "FileSystemPath": path, "Attributes": "Archive"}
	base := path[strings.LastIndexByte(path, '\\')+1:]
	if after != "" {
		r["FileContentChecksum"] = strings.ToUpper(hash(base, after))
		r["Size"], r["DateModified"] = size, written
	}
	if before != "" {
		r["PreviousFileContentChecksum"] = strings.ToUpper(hash(base, before))
		r["PreviousSize"] = size - len(before) - len(after)
		r["PreviousDateModified"] = day(1, 4, len(path)%60).Format("2006-01-02T15:04:05Z")
	}
	switch {
	case before == "":
		r["ChangeCategory"], r["DateCreated"] = "Added", written
	case after == "":
		r["ChangeCategory"] = "Removed"
	default:
		r["ChangeCategory"], r["FieldsChanged"] = "Modified", "FileContentChecksum,DateModified,Size"
	}
	c.add(m, t, r)
}

// value is a change of a registry value.
func (c *changes) value(m *machine, t time.Time, key, name, before, after string) {
	r := row{
		"ConfigChangeType": "Registry", "RegistryKey": `HKEY_LOCAL_MACHINE\` + key, "Hive": "HKEY_LOCAL_MACHINE",
		"ValueName": name, "ValueType": "REG_SZ", "ValueData": after, "ChangeCategory": "Added",
	}
	if before != "" {
		r["PreviousValueData"], r["PreviousValueType"] = before, "REG_SZ"
		r["ChangeCategory"], r["FieldsChanged"] = "Modified", "ValueData"
	}
	c.add(m, t, r)
}

// software is an installation, an upgrade, or a removal.
func (c *changes) software(m *machine, t time.Time, kind, name, publisher, before, after string) {
	category := "Modified"
	switch {
	case before == "":
		category = "Added"
	case after == "":
		category = "Removed"
	}
	c.add(m, t, row{
		"ConfigChangeType": "Software", "ChangeCategory": category, "SoftwareType": kind,
		"SoftwareName": name, "Publisher": publisher, "Previous": before, "Current": after,
	})
}

// windows is everyday life on the Windows servers.
func windows() *changes {
	c := &changes{rnd: rand.New(rand.NewPCG(11, 5))}
	for d := 2; d <= 13; d++ {
		for _, m := range []*machine{web, dc, file} {
			c.daily(m, d)
		}
		if d%3 == 0 {
			c.deploy(d)
		}
		c.restart(web, day(d, 4, 0), "AppHostSvc", "Application Host Helper Service")
	}
	for _, m := range []*machine{web, dc, file} {
		c.patchDay(m)
	}
	c.restart(web, day(6, 17, 30), "W3SVC", "World Wide Web Publishing Service")
	c.software(file, day(5, 9, 30), "Application", "7-Zip 24.09 (x64)", "Igor Pavlov", "", "24.09")
	c.software(file, day(9, 14, 30), "Application", "Microsoft Monitoring Agent", "Microsoft Corporation", "8.0.11081.0", "10.20.18067.0")
	c.software(dc, day(4, 10, 0), "Application", "Notepad++ (64-bit x64)", "Notepad++ Team", "8.7.4", "8.7.7")
	return c
}

// idle are services that start when needed and stop again.
var idle = [][2]string{
	{"BITS", "Background Intelligent Transfer Service"}, {"wuauserv", "Windows Update"},
	{"TrustedInstaller", "Windows Modules Installer"}, {"AppXSvc", "AppX Deployment Service (AppXSVC)"},
	{"WinHttpAutoProxySvc", "WinHTTP Web Proxy Auto-Discovery Service"}, {"msiserver", "Windows Installer"},
}

func (c *changes) daily(m *machine, d int) {
	definitions := fmt.Sprintf("1.425.%d.0", 80+d*7)
	c.software(m, day(d, 5, 30), "Update", "Security Intelligence Update for Microsoft Defender Antivirus - KB2267602 (Version "+definitions+")", "Microsoft Corporation", "", definitions)
	for range 3 {
		s := idle[c.rnd.IntN(len(idle))]
		c.restart(m, day(d, c.rnd.IntN(20), 30*c.rnd.IntN(2)), s[0], s[1])
	}
	c.value(m, day(d, 3, 50), `SOFTWARE\Microsoft\Windows\CurrentVersion\Group Policy\Scripts\Startup`, "GPOTime", stampOf(d-1), stampOf(d))
	switch m {
	case file:
		c.file(m, day(d, 18, 0), fmt.Sprintf(`d:\backup\catalog-%02d.db`, d%7), "week", fmt.Sprint("day", d), 240_128+d*512)
	case dc:
		c.file(m, day(d, 1, 30), `c:\windows\system32\grouppolicy\gpt.ini`, fmt.Sprint("v", d), fmt.Sprint("v", d+1), 127)
	}
}

func stampOf(d int) string { return day(2, 3, 50).AddDate(0, 0, d-2).Format(time.DateTime) }

// deploy is a release of the shop.
func (c *changes) deploy(d int) {
	before, after := fmt.Sprint("release", d-3), fmt.Sprint("release", d)
	for i, name := range []string{"web.config", `bin\shop.web.dll`, `bin\shop.payment.dll`, `scripts\checkout.js`} {
		c.file(web, day(d, 9, 30), `c:\inetpub\wwwroot\shop\`+name, before, after, 18_432+i*7_168+d)
	}
}

// patchDay is the second Tuesday of the month and the night after it.
func (c *changes) patchDay(m *machine) {
	at := day(10, 20, 0)
	for _, kb := range []string{"2026-03 Cumulative Update for Windows Server 2022 (KB5079420)", "2026-03 Servicing Stack Update (KB5079411)"} {
		c.software(m, at, "Update", kb, "Microsoft Corporation", "", "")
	}
	for i, name := range []string{"tcpip.sys", "ntfs.sys", "http.sys", "afd.sys"} {
		c.file(m, at, `c:\windows\system32\drivers\`+name, "20348.3207", "20348.3328", 1_204_736+i*98_304)
	}
	c.value(m, at, `SOFTWARE\Microsoft\Windows\CurrentVersion\QualityCompat`, "cadca5fe-87d3-4b96-b7fb-a231484277cc", "", "0")
	for _, s := range [][2]string{{"LanmanServer", "Server"}, {"Spooler", "Print Spooler"}, {"Schedule", "Task Scheduler"}} {
		c.restart(m, at, s[0], s[1])
	}
	if m == web {
		c.restart(m, at, "W3SVC", "World Wide Web Publishing Service")
	}
}

// exported is when the continuous export was set up. Changes before it come
// from a download of the portal.
var exported = day(5, 0, 0).Format(time.RFC3339)

// export is the rows of the continuous export: JSON lines by time.
func (c *changes) export() []byte {
	rows := slices.DeleteFunc(slices.Clone(c.rows), func(r row) bool { return r["TimeGenerated"].(string) < exported })
	slices.SortStableFunc(rows, byTime)
	return lines(rows)
}
