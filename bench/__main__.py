"""All measurements, one after the other."""

from bench import attendance, audiences, export, feeds, joining, mail, mailing, moving, names, staff, web

for measurement in (web, staff, names, export, attendance, mail, feeds, moving, joining, mailing, audiences):
    print(f"\n{(measurement.__doc__ or '').splitlines()[0]}\n")
    measurement.main()
