package main

import (
	"fmt"
	"slices"
)

// inventory is the Windows servers' snapshots of software and services, one a
// day, as rows of ConfigurationData.
func inventory() []byte {
	var rows []row
	for d := 8; d <= 13; d++ {
		for _, m := range []*machine{web, dc, file} {
			at := m.stamp(day(d, 7, 0))
			for _, r := range m.has(d) {
				rows = append(rows, r.with(row{
					"Type": "ConfigurationData", "TimeGenerated": at, "Computer": m.name, "SourceComputerId": m.agent,
					"SourceSystem": "OpsManager", "_ResourceId": m.resource, "_SubscriptionId": subscription, "TenantId": workspace,
					"_ItemId": itemID("inventory", at, m.name, fmt.Sprint(len(rows))),
				}))
			}
		}
	}
	slices.SortStableFunc(rows, byTime)
	return lines(rows)
}

// has is what there is on a machine on the morning of day d.
func (m *machine) has(d int) []row {
	software := func(kind, name, publisher, version string) row {
		return row{"ConfigDataType": "Software", "SoftwareType": kind, "SoftwareName": name, "Publisher": publisher, "CurrentVersion": version}
	}
	service := func(name, title, state string) row {
		return row{"ConfigDataType": "WindowsServices", "SvcName": name, "SvcDisplayName": title, "SvcState": state, "SvcStartupType": "Auto", "SvcAccount": "LocalSystem"}
	}
	monitoring := map[*machine]string{web: "8.0.11081.0", dc: "8.0.11049.0", file: "8.0.11081.0"}[m]
	if m == file && d > 9 {
		monitoring = "10.20.18067.0"
	}
	defender := "Running"
	if m == web && d > 10 || m == dc && d > 11 {
		defender = "Stopped"
	}
	out := []row{
		software("Application", "Microsoft Monitoring Agent", "Microsoft Corporation", monitoring),
		software("Application", "Microsoft Edge", "Microsoft Corporation", "134.0.3124.51"),
		software("Application", "Azure Connected Machine Agent", "Microsoft Corporation", "1.50.02783.1983"),
		service("WinDefend", "Microsoft Defender Antivirus Service", defender),
		service("HealthService", "Microsoft Monitoring Agent", "Running"),
		service("EventLog", "Windows Event Log", "Running"),
	}
	if m == web && d > 10 || m == file && d > 11 {
		out = append(out, software("Application", remoteTool, "SwiftDesk Ltd", "6.2.4"))
	}
	if m == web {
		out = append(out, service("W3SVC", "World Wide Web Publishing Service", "Running"))
	}
	return out
}
