package report

import (
	"fmt"
	"strings"

	"framepilot/pilot"
)

// lookLines says which look at the test labels the results are: one line
// where it is the same at all sites.
func lookLines(looks []Look) []string {
	var texts []string
	sites := map[string][]string{}
	for _, l := range looks {
		text := pilot.LookText(l.Look, l.Agreed)
		if sites[text] == nil {
			texts = append(texts, text)
		}
		sites[text] = append(sites[text], name(l.Site))
	}
	for i, text := range texts {
		texts[i] = fmt.Sprintf("%s: %s", strings.Join(sites[text], ", "), text)
	}
	return texts
}

// overlooked says where more looks were taken than agreed; empty where none.
func overlooked(looks []Look) string {
	var over []Look
	for _, l := range looks {
		if l.Look > l.Agreed {
			over = append(over, l)
		}
	}
	if len(over) == 0 {
		return ""
	}
	return strings.Join(lookLines(over), ". ") + "."
}
