"""All measurements, one after the other."""

from bench import audiences, export, feeds, mail, mailing, moving, names, staff, web

for measurement in (web, staff, names, export, mail, feeds, moving, mailing, audiences):
    print(f"\n{(measurement.__doc__ or '').splitlines()[0]}\n")
    measurement.main()
