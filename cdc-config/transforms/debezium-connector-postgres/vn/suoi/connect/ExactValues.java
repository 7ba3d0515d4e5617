package vn.suoi.connect;

import io.debezium.spi.converter.CustomConverter;
import io.debezium.spi.converter.RelationalColumn;
import java.sql.Date;
import java.sql.Types;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.Calendar;
import java.util.GregorianCalendar;
import java.util.List;
import java.util.Properties;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.kafka.connect.data.SchemaBuilder;
import org.postgresql.PGStatement;
import org.postgresql.jdbc.PgArray;
import org.postgresql.util.PGobject;

/**
 * Values of PostgreSQL as they are, where Debezium's own conversion loses what no later step could restore.
 *
 * <ul>
 *   <li>date: one BC is read as the same day AD by a snapshot, and infinity is another number there than in the stream
 *   <li>timestamp: one after 294247-01-10 becomes infinity
 *   <li>timetz: its zone is lost
 *   <li>bit varying: zeros in front are lost
 *   <li>arrays: NaN makes the whole array null, a NULL among enums stops the connector, some types are left out, two
 *       dimensions cannot be read; all of them arrive as the text that PostgreSQL prints
 * </ul>
 */
public final class ExactValues implements CustomConverter<SchemaBuilder, RelationalColumn> {
    /** 4714-11-24 BC and 5874897-12-31, in days since 1970. */
    private static final int EARLIEST = -2_440_588, LATEST = 2_145_042_905;
    /** Days that no date of PostgreSQL is. */
    static final int LAST_DAY = Integer.MAX_VALUE, FIRST_DAY = Integer.MIN_VALUE;
    /**
     * Microseconds since 1970 that no timestamp of PostgreSQL is. The last years do not fit 64 bits: they go round and
     * are found at the lower end, far below 4714 BC; infinity is in the middle of what lies between.
     */
    static final long INFINITY = -(1L << 62) + 1, MINUS_INFINITY = -(1L << 62);

    private static final Instant EARLIEST_MOMENT = Instant.ofEpochSecond(EARLIEST * 86_400L);
    private static final Instant LATEST_MOMENT = Instant.parse("+294277-01-01T00:00:00Z");
    /** Debezium hands a marker of its own to a converter where the log has no value; conform knows this text. */
    private static final String UNAVAILABLE = "__debezium_unavailable_value";

    private static final Pattern TIMESTAMP = Pattern.compile(
            "(\\d{4,})-(\\d\\d)-(\\d\\d) (\\d\\d):(\\d\\d):(\\d\\d)(?:\\.(\\d{1,9}))?( BC)?");

    @Override
    public void configure(Properties settings) {}

    @Override
    public void converterFor(RelationalColumn column, ConverterRegistration<SchemaBuilder> registration) {
        String type = column.typeName();
        if (column.jdbcType() == Types.ARRAY || type.startsWith("_")) {
            registration.register(SchemaBuilder.string(), ExactValues::text);
            return;
        }
        if (column.jdbcType() == Types.DATE) { // a domain over dates too
            registration.register(named(SchemaBuilder.int32(), "Date"), ExactValues::days);
            return;
        }
        switch (type) {
            case "timestamp" ->
                registration.register(named(SchemaBuilder.int64(), "MicroTimestamp"), ExactValues::micros);
            case "timetz", "varbit" -> registration.register(SchemaBuilder.string(), ExactValues::text);
            default -> { }
        }
    }

    private static SchemaBuilder named(SchemaBuilder schema, String name) {
        return schema.name("io.debezium.time." + name).version(1);
    }

    private static Object days(Object value) {
        if (value == null) {
            return null;
        }
        if (value instanceof Date date) {
            if (date.getTime() == PGStatement.DATE_POSITIVE_INFINITY) {
                return LAST_DAY;
            }
            return date.getTime() == PGStatement.DATE_NEGATIVE_INFINITY ? FIRST_DAY : onDay(day(date));
        }
        if (value instanceof LocalDate date) {
            return onDay(date);
        }
        if (value instanceof Integer) {
            return value; // the default of a column, counted already
        }
        throw unknown("date", value);
    }

    /** What lies outside of PostgreSQL's calendar stands for infinity. */
    private static int onDay(LocalDate date) {
        long day = date.toEpochDay();
        if (day > LATEST) {
            return LAST_DAY;
        }
        return day < EARLIEST ? FIRST_DAY : (int) day;
    }

    /** The day that this date was made from: `toLocalDate` forgets the era. */
    private static LocalDate day(Date date) {
        Calendar calendar = new GregorianCalendar();
        calendar.setTime(date);
        int year = calendar.get(Calendar.YEAR);
        int counted = calendar.get(Calendar.ERA) == GregorianCalendar.BC ? 1 - year : year;
        return LocalDate.of(counted, calendar.get(Calendar.MONTH) + 1, calendar.get(Calendar.DAY_OF_MONTH));
    }

    private static Object micros(Object value) {
        if (value == null) {
            return null;
        }
        if (value instanceof Instant moment) {
            return counted(moment);
        }
        if (value instanceof String text) {
            return switch (text) {
                case "infinity" -> INFINITY;
                case "-infinity" -> MINUS_INFINITY;
                default -> counted(moment(text));
            };
        }
        if (value instanceof Long) {
            return value; // the default of a column, counted already
        }
        throw unknown("timestamp", value);
    }

    /** What does not fit goes round: no sum here may be exact. Debezium's infinities lie far outside of it all. */
    private static long counted(Instant moment) {
        if (moment.isAfter(LATEST_MOMENT)) {
            return INFINITY;
        }
        if (moment.isBefore(EARLIEST_MOMENT)) {
            return MINUS_INFINITY;
        }
        return moment.getEpochSecond() * 1_000_000 + moment.getNano() / 1000;
    }

    private static Instant moment(String text) {
        Matcher found = TIMESTAMP.matcher(text);
        if (!found.matches()) {
            throw new IllegalArgumentException("no timestamp of PostgreSQL: " + text);
        }
        int year = Integer.parseInt(found.group(1));
        String fraction = found.group(7) == null ? "" : found.group(7);
        int[] part = new int[7];
        for (int place = 2; place < 7; place++) {
            part[place] = Integer.parseInt(found.group(place));
        }
        int nanos = Integer.parseInt((fraction + "000000000").substring(0, 9));
        return LocalDateTime.of(
                        found.group(8) == null ? year : 1 - year, part[2], part[3], part[4], part[5], part[6], nanos)
                .toInstant(ZoneOffset.UTC);
    }

    private static Object text(Object value) {
        if (value == null || value instanceof String) {
            return value;
        }
        if (value instanceof PgArray array) {
            return array.toString();
        }
        if (value instanceof PGobject object) {
            return object.getValue();
        }
        if (value.getClass() == Object.class || value instanceof List) {
            return UNAVAILABLE;
        }
        if (value instanceof byte[]) {
            return ""; // the default of a column of bits, converted already; no reader takes defaults from a schema
        }
        throw unknown("text", value);
    }

    private static IllegalArgumentException unknown(String type, Object value) {
        return new IllegalArgumentException("a " + type + " came as " + value.getClass().getName() + ": " + value);
    }
}
