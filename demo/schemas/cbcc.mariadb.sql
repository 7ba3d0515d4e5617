-- Cadres and civil servants, as a personnel system of the kind that runs on MySQL keeps them.
CREATE TABLE IF NOT EXISTS cbcc.can_bo (
    ma_cb            varchar(20) PRIMARY KEY,
    ho_ten           varchar(150) NOT NULL,
    ngay_sinh        date,
    gioi_tinh        tinyint,            -- 1 male, 2 female
    ma_dan_toc       char(2),            -- the list of 2008
    ma_ton_giao      char(2),
    que_quan_text    varchar(300),
    ma_xa_thuong_tru varchar(5),
    cccd             varchar(12),
    cmnd_cu          varchar(12),
    trinh_do_pt      varchar(10),        -- '12/12', as a spreadsheet left it
    trinh_do_cm      varchar(50),
    ma_ngach         varchar(10),
    chuc_vu          varchar(150),
    ma_don_vi        varchar(20),
    ngay_vao_nganh   date,
    trang_thai       tinyint NOT NULL    -- 1 at work, 2 retired, 3 dismissed or gone
) DEFAULT CHARACTER SET utf8mb4;
